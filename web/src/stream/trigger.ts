// Where an oscilloscope would start its sweep.

import type { SampleRing } from "./sample-ring";

/** Share of the peak below zero that the signal must reach before a crossing counts, so that noise does not trigger. */
const HYSTERESIS = 0.1;

/**
 * Index of the newest rising zero crossing of channel A after which `after` samples follow; null when there is none
 * within `search` samples before that.
 */
export function risingCrossing(ring: SampleRing, after: number, search: number): number | null {
  const last = ring.end - after;
  const first = Math.max(ring.start, last - search);
  let peak = 0;
  for (let index = first; index < last; index++) peak = Math.max(peak, Math.abs(sample(ring, index)) || 0);
  const armed_below = -HYSTERESIS * peak;
  if (armed_below === 0) return null;
  let crossing: number | null = null;
  for (let index = last - 1; index >= first; index--) {
    const value = sample(ring, index);
    if (value >= 0) crossing = index;
    else if (value <= armed_below && crossing !== null) return crossing;
    else if (value !== value) crossing = null;
  }
  return null;
}

function sample(ring: SampleRing, index: number): number {
  return ring.a[index % ring.capacity] as number;
}
