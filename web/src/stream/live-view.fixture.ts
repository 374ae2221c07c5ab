// What the tests of LiveView share: events as the server sends them, and a view with a clock of its own.

import type { Loss } from "./continuity";
import { LiveView } from "./live-view";
import type { ViewRequest } from "./messages";
import type { StateEvent } from "./wire";

export const RATE = 48_000;
export const N = 1600;
export const REQUEST: ViewRequest = {
  wave: { span_ms: 50, columns: 400, trigger: false },
  spectrum: { scale: "log", lo_hz: null, hi_hz: null, columns: 400, hold: false },
  spectra_per_row: 1,
  clip: { epoch: "e", level: 0.9 },
};

export const head = (n: number) => ({
  sample_rate: RATE,
  frame_number: n,
  duration_ms: (N / RATE) * 1000,
  epoch: "e",
  first_sample: n * N,
  captured_us: 1e15 + (n * N * 1e6) / RATE,
});
export const event = (data: unknown, name?: string) => ({ event: name, id: undefined, data: JSON.stringify(data) });
export const frame = (n: number, amplitude: number, mono = false) => {
  const channel_a = Array.from({ length: N }, (_, k) => amplitude * Math.sin((2 * Math.PI * k) / 16));
  return event({ ...head(n), channel_a, channel_b: mono ? [] : channel_a, flags: amplitude > 0.9 ? ["clipped"] : [] });
};
export const spectrum = (n: number, amplitude = 0.1) => {
  const magnitude_a = Array.from({ length: 2049 }, (_, k) => (k === 171 ? amplitude : 1e-6));
  return event({ ...head(n), size: 4096, window: "hann", enbw_hz: 17.6, frequencies: [], magnitude_a, magnitude_b: magnitude_a });
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
