// One binary message of the server, read from its bytes. docs/wire.md has the format. Arrays lie over the bytes that they
// came in, without a copy.

import { WireError } from "./feed-events.js";

export type FrameFlag = "clipped" | "nonfinite" | "after_gap";

/** Which samples a message is about, counted in samples of the source. */
export interface Place {
  epoch: string;
  frame_number: number;
  first_sample: number;
  samples: number;
  captured_us: number;
  monotonic_us: number;
  sample_rate: number;
  channels: number;
  flags: FrameFlag[];
}

export interface BinaryMessage {
  kind: string;
  /** Number of the feed that it is of; 0 for none. */
  feed: number;
  /** Null for a heartbeat and for what `meta` places itself. */
  place: Place | null;
  /** By name; samples of 16 bits are 32768 at full scale. */
  arrays: Map<string, Float32Array<ArrayBuffer> | Int16Array<ArrayBuffer>>;
  /** The remaining fields of the event. */
  meta: unknown;
}

/** No message is longer. */
const MAX_MESSAGE_BYTES = 1 << 24;

const MAGIC = [0x89, 0x50, 0x48, 0x4e];
const VERSION = 1;
/** As many bytes as tell the length of a message. */
export const PREFIX_BYTES = 12;
const HEADER_BYTES = 88;
const FEED_AT = 12;
const KIND_AT = 16;
const KIND_BYTES = 12;
const EPOCH_AT = 32;
const SECTION_HEADER_BYTES = 32;
const NAME_BYTES = 24;
const FLAGS: FrameFlag[] = ["clipped", "nonfinite", "after_gap"];

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The server speaks a version of the format that this reader does not know; nothing that follows can be read. */
export class VersionError extends WireError {}

/** Which feed a message is of, and what it is, without a look at the rest. */
export function readHead(bytes: Uint8Array): Pick<BinaryMessage, "feed" | "kind"> {
  const lengths = readLengths(bytes);
  need(lengths?.header_bytes ?? PREFIX_BYTES, 0, bytes);
  return { feed: viewOf(bytes).getUint32(FEED_AT, true), kind: readName(bytes, KIND_AT, KIND_BYTES) };
}

/** How long the message is that begins with these first PREFIX_BYTES. */
export function lengthOf(bytes: Uint8Array): number {
  const lengths = readLengths(bytes);
  need(PREFIX_BYTES, 0, bytes);
  return (lengths as Lengths).message_bytes;
}

/** Reads bytes that are exactly one message and begin at a multiple of 8 in their buffer. */
export function decodeMessage(bytes: Uint8Array<ArrayBuffer>): BinaryMessage {
  const lengths = readLengths(bytes);
  need(lengths?.message_bytes ?? PREFIX_BYTES, 0, bytes);
  const { header_bytes, message_bytes } = lengths as Lengths;
  if (bytes.length > message_bytes) {
    throw wrong(message_bytes, `the message ends here, ${bytes.length - message_bytes} bytes follow`);
  }
  const view = viewOf(bytes);
  const kind = readName(bytes, KIND_AT, KIND_BYTES);
  const message = { kind, feed: view.getUint32(FEED_AT, true), place: readPlace(view), arrays: new Map(), meta: null };
  let at = header_bytes;
  while (at < message_bytes) at = readSection(bytes, view, at, message);
  return message;
}

interface Lengths {
  header_bytes: number;
  message_bytes: number;
}

/** Lengths of the message that begins here; null when there are too few bytes to tell, though right so far. */
function readLengths(bytes: Uint8Array): Lengths | null {
  const view = viewOf(bytes);
  for (let at = 0; at < Math.min(MAGIC.length, view.byteLength); at++) {
    if (view.getUint8(at) !== MAGIC[at]) throw wrong(at, "not the magic of a message of photophone");
  }
  if (view.byteLength < PREFIX_BYTES) return null;
  const version = view.getUint16(4, true);
  if (version !== VERSION) throw new VersionError(textOf(4, `version is ${version}, this reader knows ${VERSION}`));
  const header_bytes = view.getUint16(6, true);
  if (header_bytes < HEADER_BYTES || header_bytes % 8 !== 0) throw wrong(6, `header_bytes is ${header_bytes}`);
  const message_bytes = view.getUint32(8, true);
  if (message_bytes < header_bytes || message_bytes > MAX_MESSAGE_BYTES || message_bytes % 8 !== 0) {
    throw wrong(8, `message_bytes is ${message_bytes}`);
  }
  return { header_bytes, message_bytes };
}

function readPlace(view: DataView): Place | null {
  if (view.getBigUint64(EPOCH_AT) === 0n && view.getBigUint64(EPOCH_AT + 8) === 0n) return null;
  const flags = view.getUint16(28, true);
  const place = {
    epoch: readUuid(view, EPOCH_AT),
    frame_number: readIndex(view, 48),
    first_sample: readIndex(view, 56),
    captured_us: readIndex(view, 64),
    monotonic_us: readIndex(view, 72),
    samples: view.getUint32(80, true),
    sample_rate: view.getUint32(84, true),
    channels: view.getUint16(30, true),
    flags: FLAGS.filter((_, bit) => (flags >> bit) & 1),
  };
  if (place.sample_rate === 0) throw wrong(84, "sample_rate is 0");
  return place;
}

/** Puts the section at `at` into the message; gives where the next one begins. Of equal names the first one counts. */
function readSection(bytes: Uint8Array<ArrayBuffer>, view: DataView, at: number, message: BinaryMessage): number {
  const name = readName(bytes, at, NAME_BYTES);
  const elements_at = at + SECTION_HEADER_BYTES;
  need(SECTION_HEADER_BYTES - NAME_BYTES, at + NAME_BYTES, bytes);
  const element_bytes = view.getUint8(at + 25);
  const type = String.fromCharCode(view.getUint8(at + 24)) + element_bytes;
  const count = view.getUint32(at + 28, true);
  need(count * element_bytes, elements_at, bytes);
  const [buffer, offset] = [bytes.buffer, bytes.byteOffset + elements_at];
  const end = elements_at + count * element_bytes;
  if (type === "j1" && name === "meta") message.meta ??= readJson(bytes.subarray(elements_at, end), elements_at);
  else if (type === "f4" && !message.arrays.has(name)) message.arrays.set(name, new Float32Array(buffer, offset, count));
  else if (type === "i2" && !message.arrays.has(name)) message.arrays.set(name, new Int16Array(buffer, offset, count));
  return Math.ceil(end / 8) * 8;
}

function need(count: number, at: number, bytes: Uint8Array): void {
  const left = Math.max(bytes.length - at, 0);
  if (left < count) throw wrong(at, `${count} bytes belong here, ${left} are left`);
}

function readJson(bytes: Uint8Array, at: number): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    throw wrong(at, "meta is JSON in UTF-8");
  }
}

function readName(bytes: Uint8Array, at: number, width: number): string {
  need(width, at, bytes);
  let name = "";
  for (let k = at; k < at + width && bytes[k] !== 0; k++) name += String.fromCharCode(bytes[k] as number);
  const filled_up = bytes.subarray(at + name.length, at + width).every((byte) => byte === 0);
  if (!/^[a-z0-9_]+$/.test(name) || !filled_up) throw wrong(at, "a name is letters a-z, digits and _");
  return name;
}

/** A u64 as the number that it is: the server keeps them below 2^53. */
function readIndex(view: DataView, at: number): number {
  const value = view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
  if (value > Number.MAX_SAFE_INTEGER) throw wrong(at, `${value} is more than 2^53 - 1`);
  return value;
}

function readUuid(view: DataView, at: number): string {
  let hex = "";
  for (let k = 0; k < 16; k += 4) hex += view.getUint32(at + k).toString(16).padStart(8, "0");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const wrong = (at: number, what: string) => new WireError(textOf(at, what));
const textOf = (at: number, what: string) => `byte ${at} of the message: ${what}`;
