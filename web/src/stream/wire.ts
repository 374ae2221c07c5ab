// The events of the two streams as the server sends them, and their reading. See wire JSON of the server's signal crate.

import type { StateReason } from "../api/types";

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
  channel_a: number[];
  /** Empty for a mono source. */
  channel_b: number[];
  flags: string[];
}

export interface SpectrumEvent extends FrameHead {
  size: number;
  window: string;
  enbw_hz: number;
  frequencies: number[];
  /** Linear amplitudes as fractions of full scale. */
  magnitude_a: number[];
  magnitude_b: number[];
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

/** What an unnamed event holds: a payload, or null for a heartbeat. */
export function parseUnnamed<T extends FrameHead>(data: string, payload: keyof T & string): T | null {
  const value = parseObject(data);
  if (value["type"] === "heartbeat") return null;
  if (!Array.isArray(value[payload]) || !Number.isSafeInteger(value["first_sample"]) || typeof value["epoch"] !== "string") {
    throw new WireError(`event without ${payload}, first_sample or epoch`);
  }
  return value as unknown as T;
}

export function parseGap(data: string): GapEvent {
  const value = parseObject(data);
  if (typeof value["epoch"] !== "string" || typeof value["cause"] !== "string" || !Number.isSafeInteger(value["from_sample"])) {
    throw new WireError("gap without epoch, cause or from_sample");
  }
  return value as unknown as GapEvent;
}

export function parseState(data: string): StateEvent {
  const value = parseObject(data);
  if (typeof value["state"] !== "string") throw new WireError("state event without state");
  return value as unknown as StateEvent;
}

/** The reason in a `reauth` or `shutdown` event, if it gives one. */
export function parseReason(data: string): string | null {
  const { reason } = parseObject(data);
  return typeof reason === "string" ? reason : null;
}

function parseObject(data: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    throw new WireError("event is not JSON");
  }
  if (typeof value !== "object" || value === null) throw new WireError("event is not a JSON object");
  return value as Record<string, unknown>;
}
