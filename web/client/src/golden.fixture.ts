// The golden messages of tests/fixtures/wire.

import { readdirSync, readFileSync } from "node:fs";

const FIXTURES = new URL("../../../tests/fixtures/wire/", import.meta.url);

export const NAMES = readdirSync(FIXTURES)
  .filter((name) => name.endsWith(".hex"))
  .map((name) => name.slice(0, -".hex".length));

export const text = (name: string) => readFileSync(new URL(name, FIXTURES), "utf8");
export const fromHex = (hex: string) => new Uint8Array((hex.match(/[0-9a-f]{2}/g) ?? []).map((byte) => Number.parseInt(byte, 16)));
export const golden = (name: string) => fromHex(text(`${name}.hex`).replaceAll(/#.*/g, ""));

export const EPOCH = "6fa459ea-ee8a-4ca4-894e-db77e160355e";
/** Samples of the golden frame. */
export const N = 5;

/** The golden frame, elsewhere in its epoch. */
export function frameAt(first_sample: number): Uint8Array {
  const bytes = golden("frame_f32");
  new DataView(bytes.buffer).setBigUint64(56, BigInt(first_sample), true);
  return bytes;
}

/** A message that has no place and says `meta`. */
export function word(kind: string, meta: object): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(meta));
  const bytes = new Uint8Array(88 + 32 + Math.ceil(json.length / 8) * 8);
  const view = new DataView(bytes.buffer);
  bytes.set([0x89, 0x50, 0x48, 0x4e, 1, 0, 88, 0]);
  view.setUint32(8, bytes.length, true);
  new TextEncoder().encodeInto(kind, bytes.subarray(16, 28));
  new TextEncoder().encodeInto("meta", bytes.subarray(88, 112));
  bytes.set([0x6a, 1], 112);
  view.setUint32(116, json.length, true);
  bytes.set(json, 120);
  return bytes;
}
