import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type BinaryMessage, decodeMessage } from "./binary";
import { BinaryStream } from "./binary-stream";

const FIXTURES = new URL("../../../tests/fixtures/wire/", import.meta.url);
const NAMES = readdirSync(FIXTURES)
  .filter((name) => name.endsWith(".hex"))
  .map((name) => name.slice(0, -".hex".length));

const text = (name: string) => readFileSync(new URL(name, FIXTURES), "utf8");
const fromHex = (hex: string) => new Uint8Array((hex.match(/[0-9a-f]{2}/g) ?? []).map((byte) => Number.parseInt(byte, 16)));
const golden = (name: string) => fromHex(text(`${name}.hex`).replaceAll(/#.*/g, ""));

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

describe("BinaryStream", () => {
  const stream = Uint8Array.from(NAMES.flatMap((name) => [...golden(name)]));
  const whole = NAMES.map(expected);

  function read(...pieces: Uint8Array[]) {
    const messages: unknown[] = [];
    const reader = new BinaryStream((message) => messages.push(seen(message)));
    for (const piece of pieces) reader.push(piece);
    expect(reader.pending_bytes).toBe(0);
    return messages;
  }

  it("reads the same when split at any byte", () => {
    expect(read(stream)).toEqual(whole);
    for (let cut = 0; cut <= stream.length; cut++) expect(read(stream.subarray(0, cut), stream.subarray(cut))).toEqual(whole);
  });

  it("reads the same byte by byte", () => {
    expect(read(...Array.from(stream, (byte) => Uint8Array.of(byte)))).toEqual(whole);
  });

  it("refuses what is no message at its first byte, and a long one before it is kept", () => {
    expect(() => read(new TextEncoder().encode("HTTP"))).toThrow("byte 0 of the message");
    const reader = new BinaryStream(() => {}, 392);
    expect(() => reader.push(golden("spectrum").subarray(0, 12))).toThrow("message_bytes is 400");
  });

  it("says what is missing of a stream that was cut off", () => {
    const reader = new BinaryStream(() => expect.unreachable());
    reader.push(golden("frame_f32").subarray(0, 100));
    expect(reader.pending_bytes).toBe(100);
  });
});
