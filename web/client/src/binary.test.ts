import { describe, expect, it } from "vitest";
import { type BinaryMessage, decodeMessage, readHead, VersionError } from "./binary.js";
import { fromHex, golden, NAMES, text } from "./golden.fixture.js";

/** What the golden JSON tells: samples as fractions of full scale, numbers that are exact in f32. */
function seen({ arrays, ...message }: BinaryMessage) {
  const fractions = [...arrays].map(([name, values]) => [
    name,
    Array.from(values, (value) => (values instanceof Int16Array ? value / 32768 : value)),
  ]);
  return { ...message, arrays: Object.fromEntries(fractions) };
}

function expected(name: string) {
  const message = JSON.parse(text(`${name}.json`));
  for (const [array, values] of Object.entries<number[]>(message.arrays)) message.arrays[array] = values.map(Math.fround);
  return message;
}

describe("decodeMessage", () => {
  it.each(NAMES)("reads the golden message %s", (name) => {
    expect(seen(decodeMessage(golden(name)))).toEqual(expected(name));
  });

  it("lays arrays over the bytes", () => {
    const bytes = golden("frame_f32");
    const { arrays } = decodeMessage(bytes);
    expect([...arrays.values()].map((array) => array.buffer === bytes.buffer)).toEqual([true, true]);
  });

  const broken: { why: string; of: string; bytes?: number; write?: string; to?: number; at: number }[] = JSON.parse(text("broken.json"));
  it.each(broken)("refuses $why", ({ of, bytes, write, to, at }) => {
    const message = golden(of);
    if (write !== undefined) message.set(fromHex(write), to);
    expect(() => decodeMessage(message.slice(0, bytes))).toThrow(`byte ${at} of the message:`);
  });

  it("refuses every cut", () => {
    const bytes = golden("spectrum");
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeMessage(bytes.slice(0, length))).toThrow(/^byte \d+ of the message: /);
    }
  });

  it("takes a name for a name", () => {
    const bytes = golden("frame_f32");
    bytes.set(new TextEncoder().encode("__proto__"), 88);
    expect([...decodeMessage(bytes).arrays.keys()]).toEqual(["__proto__", "channel_b"]);
  });
});

describe("readHead", () => {
  it.each(NAMES)("reads of the golden message %s what the whole of it says", (name) => {
    const { feed, kind } = expected(name);
    expect(readHead(golden(name))).toEqual({ feed, kind });
  });

  it("tells another version from a message that is broken", () => {
    const other = golden("frame_f32");
    other[4] = 2;
    expect(() => readHead(other)).toThrow(VersionError);
    expect(() => readHead(other.slice(0, 3))).toThrow("12 bytes belong here, 3 are left");
    const broken = golden("frame_f32");
    broken[0] = 0;
    expect(() => readHead(broken)).toThrow("byte 0 of the message");
    expect(() => readHead(broken)).not.toThrow(VersionError);
  });
});
