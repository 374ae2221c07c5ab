// What is known of the signal before and after its first frame.

import type { Pace } from "../api/types";
import type { Facts } from "../stream/live";

/** Channels of the newest frame; before one came, those that the server announced; null when nobody knows. */
export function knownChannels({ head, state }: Pick<Facts, "head" | "state">): number | null {
  return head?.channels ?? state?.channels ?? null;
}

/** Channels of the waveform drawn, which may be paused; before one is drawn, those that are known. */
export function drawnChannels(facts: Pick<Facts, "wave" | "head" | "state">): number | null {
  if (facts.wave === null) return knownChannels(facts);
  return facts.wave.stereo ? 2 : 1;
}

/** Nominal rate of the newest frame; before one came, that which the server announced; null when nobody knows. */
export function sampleRate({ head, state }: Facts): number | null {
  return head?.sample_rate ?? state?.sample_rate ?? null;
}

/** Whether a frame lasts as long as its samples say, so that the time of its end can be compared with a clock. */
export function inRealTime(pace: Pace | undefined): boolean {
  return pace?.mode === "device" || (pace?.mode === "clock" && pace.factor === 1);
}

/** Whether the user keeps a spectrum to compare with. */
export function isKept({ spectrum }: Pick<Facts, "spectrum">): boolean {
  return (spectrum?.kept_a ?? null) !== null;
}
