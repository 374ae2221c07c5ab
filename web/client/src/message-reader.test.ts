import { expect, it } from "vitest";
import { golden, NAMES } from "./golden.fixture.js";
import { MessageReader } from "./message-reader.js";

const join = (parts: Uint8Array[]) => new Uint8Array(parts.flatMap((part) => [...part]));
const ALL = NAMES.map(golden);

it.each([1, 7, 12, 13, 88, 1000, 100_000])("finds the messages again in pieces of %i bytes, each where arrays can be laid", (length) => {
  const reader = new MessageReader();
  const bytes = join(ALL);
  const found: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += length) found.push(...reader.read(bytes.subarray(at, at + length)));
  expect(found).toEqual(ALL);
  expect(found.map(({ byteOffset, buffer, length: own }) => [byteOffset, buffer.byteLength - own])).toEqual(ALL.map(() => [0, 0]));
});

it("refuses what is no message, or one of another version, before it makes room for it", () => {
  const other = golden("frame_f32");
  other[4] = 2;
  expect(() => [...new MessageReader().read(other)]).toThrow("version is 2, this reader knows 1");
  const long = golden("frame_f32");
  long.set([0xff, 0xff, 0xff, 0xff], 8);
  expect(() => [...new MessageReader().read(long.subarray(0, 12))]).toThrow("byte 8 of the message");
  expect(() => [...new MessageReader().read(new TextEncoder().encode("<html><head>"))]).toThrow("byte 0 of the message");
});
