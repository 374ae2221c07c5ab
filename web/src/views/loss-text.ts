// Numbers of lost samples as text; ≈ marks what was estimated from clocks.

import type { StreamStats } from "../api/types";
import type { SideSum } from "../stream/loss-ledger";
import { count, UNKNOWN } from "./format";

/** A number of samples; none is never an estimate. */
export const lostSamples = (samples: number, exact: boolean): string => `${exact || samples === 0 ? "" : "≈ "}${count(samples)}`;

/** Unknown before the source was open: there was nothing to lose. */
export function deviceLosses(stats: StreamStats | null): { value: string; detail: string } {
  if (stats === null || stats.channels === null) return { value: UNKNOWN, detail: "" };
  const { device, ring, reopen } = stats.samples_lost;
  // The callback ring counts what it drops; what a device lost or missed while away is known by clocks only.
  const parts = [`device ${lostSamples(device, false)}`, `ring ${lostSamples(ring, true)}`, `reopen ${lostSamples(reopen, false)}`];
  return { value: lostSamples(device + ring + reopen, device + reopen === 0), detail: parts.join(" · ") };
}

export function sumText({ samples, open_ended, exact }: SideSum): string {
  const known = lostSamples(samples, exact);
  // Of a gap in which the epoch ended nobody knows the length.
  return open_ended > 0 ? `${known} + unknown` : known;
}
