// The events of the streams, read from binary messages. See docs/wire.md.

import type { BinaryMessage, FrameFlag, Place } from "./binary.js";

/** Why the source is in its state. */
export interface StateReason {
  code: string;
  message: string;
}

export interface FrameHead {
  sample_rate: number;
  frame_number: number;
  duration_ms: number;
  epoch: string;
  /** Index of the first sample since the epoch began. */
  first_sample: number;
  /** UTC of the first sample in microseconds. */
  captured_us: number;
}

export interface FrameEvent extends FrameHead {
  channel_a: Float32Array;
  /** Empty for a mono source. */
  channel_b: Float32Array;
  flags: FrameFlag[];
}

/** A sine found in a spectrum. */
export interface PeakEvent {
  frequency_hz: number;
  /** Its amplitude in the unit, whatever the scale. */
  value: number;
  snr_db: number;
}

export interface SpectrumEvent extends FrameHead {
  size: number;
  window: string;
  enbw_hz: number;
  unit: string;
  scale: string;
  /** Spectra in the average so far; null where there is no average. */
  averages: number | null;
  /** Null for one window per frame. */
  overlap: number | null;
  /** Null when they were not asked for, and without a channel B. */
  peaks_a: PeakEvent[] | null;
  peaks_b: PeakEvent[] | null;
  frequencies: Float32Array;
  /** Values in `scale` and `unit`. */
  magnitude_a: Float32Array;
  magnitude_b: Float32Array;
}

export type GapCause = "device" | "ring" | "reopen" | "subscriber" | "history" | "processor";

export interface GapEvent {
  epoch: string;
  from_sample: number;
  /** Null when the epoch ended within the gap. */
  to_sample: number | null;
  cause: GapCause;
  exact: boolean;
  next_epoch?: string;
}

export interface StateEvent {
  state: string;
  reason: StateReason | null;
  epoch: string | null;
  sample_rate: number | null;
  channels: number | null;
}

/** A message that is not what the API promises. */
export class WireError extends Error {}

const NONE = new Float32Array(0);
/** What a spectrum is unless it says otherwise. */
const PLAIN_SPECTRUM = { unit: "fs", scale: "amplitude", averages: null, overlap: null, peaks_a: null, peaks_b: null };

export function readFrame(message: BinaryMessage): FrameEvent {
  const place = placeOf(message);
  return { ...headOf(place), channel_a: arrayOf(message, "channel_a"), channel_b: anyOf(message, "channel_b"), flags: place.flags };
}

export function readSpectrum(message: BinaryMessage): SpectrumEvent {
  const meta = objectOf(message);
  if (!Number.isSafeInteger(meta["size"])) throw new WireError("spectrum without size");
  return {
    ...PLAIN_SPECTRUM,
    ...(meta as unknown as Pick<SpectrumEvent, "size" | "window" | "enbw_hz">),
    ...headOf(placeOf(message)),
    frequencies: arrayOf(message, "frequencies"),
    magnitude_a: arrayOf(message, "magnitude_a"),
    magnitude_b: anyOf(message, "magnitude_b"),
  };
}

export function readGap(message: BinaryMessage): GapEvent {
  const value = objectOf(message);
  if (typeof value["epoch"] !== "string" || typeof value["cause"] !== "string" || !Number.isSafeInteger(value["from_sample"])) {
    throw new WireError("gap without epoch, cause or from_sample");
  }
  return value as unknown as GapEvent;
}

export function readState(message: BinaryMessage): StateEvent {
  const value = objectOf(message);
  if (typeof value["state"] !== "string") throw new WireError("state event without state");
  return value as unknown as StateEvent;
}

function headOf({ samples, ...place }: Place): FrameHead {
  const { sample_rate, frame_number, epoch, first_sample, captured_us } = place;
  return { sample_rate, frame_number, epoch, first_sample, captured_us, duration_ms: (samples * 1000) / sample_rate };
}

function placeOf({ kind, place }: BinaryMessage): Place {
  if (place === null) throw new WireError(`${kind} without a place`);
  return place;
}

function arrayOf(message: BinaryMessage, name: string): Float32Array {
  const array = anyOf(message, name);
  if (array === NONE) throw new WireError(`${message.kind} without ${name}`);
  return array;
}

/** Empty when the message has none. */
function anyOf({ kind, arrays }: BinaryMessage, name: string): Float32Array {
  const array = arrays.get(name) ?? NONE;
  if (!(array instanceof Float32Array)) throw new WireError(`${name} of the ${kind} is not f4`);
  return array;
}

function objectOf({ kind, meta }: BinaryMessage): Record<string, unknown> {
  if (typeof meta !== "object" || meta === null || Array.isArray(meta)) throw new WireError(`${kind} without an object as meta`);
  return meta as Record<string, unknown>;
}
