// What the tests of LiveView share: messages as the server sends them, and a view with a clock of its own.

import type { BinaryMessage, Place, StateEvent } from "@photophone/client/wire";
import type { Loss } from "./continuity";
import { FRAMES, SPECTRA } from "./feeds";
import { LiveView } from "./live-view";
import type { ViewRequest } from "./messages";

export const RATE = 48_000;
export const N = 1600;
export const REQUEST: ViewRequest = {
  feeds: { audio: FRAMES, spectral: SPECTRA },
  wave: { span_ms: 50, columns: 400, trigger: false },
  spectrum: { scale: "log", lo_hz: null, hi_hz: null, columns: 400, hold: false, hold_min: false },
  spectra_per_row: 1,
  lockin_span_s: 60,
  clip: { epoch: "e", level: 0.9 },
};

export const place = (n: number): Place => ({
  epoch: "e",
  frame_number: n,
  first_sample: n * N,
  samples: N,
  captured_us: 1e15 + (n * N * 1e6) / RATE,
  monotonic_us: (n * N * 1e6) / RATE,
  sample_rate: RATE,
  channels: 2,
  flags: [],
});
export const word = (kind: string, meta: unknown): BinaryMessage => ({ kind, feed: 1, place: null, arrays: new Map(), meta });
export const gap = (from_sample: number, to_sample: number, cause = "device") =>
  word("gap", { epoch: "e", from_sample, to_sample, cause, exact: true });
export const samples = (at: Place, a: Float32Array<ArrayBuffer>, b?: Float32Array<ArrayBuffer>): BinaryMessage => ({
  kind: "frame",
  feed: 1,
  place: at,
  arrays: new Map([["channel_a", a], ...(b ? [["channel_b", b] as const] : [])]),
  meta: null,
});
export const frame = (n: number, amplitude: number, mono = false) => {
  const channel_a = Float32Array.from({ length: N }, (_, k) => amplitude * Math.sin((2 * Math.PI * k) / 16));
  return samples({ ...place(n), flags: amplitude > 0.9 ? ["clipped"] : [] }, channel_a, mono ? undefined : channel_a);
};
export const spectrum = (n: number, amplitude = 0.1): BinaryMessage => {
  const magnitude = Float32Array.from({ length: 2049 }, (_, k) => (k === 171 ? amplitude : 1e-6));
  const frequencies = magnitude.map((_, k) => (k * RATE) / 4096);
  const arrays = new Map([["frequencies", frequencies], ["magnitude_a", magnitude], ["magnitude_b", magnitude]]);
  return { kind: "spectrum", feed: 2, place: place(n), arrays, meta: { size: 4096, window: "hann", unit: "fs", enbw_hz: 17.6 } };
};

export function view() {
  const losses: Loss[] = [];
  const states: StateEvent[] = [];
  const now = { ms: 1e12, monotonic_ms: 0 };
  const live = new LiveView({
    onLoss: (loss) => losses.push(loss),
    onState: (state) => states.push(state),
    now_ms: () => now.ms,
    monotonic_ms: () => now.monotonic_ms,
  });
  return { live, losses, states, now };
}
