// Clipped samples as a mark at the level meter.

import type { Level } from "../stream/level-meter";
import { count, shortCount, UNKNOWN } from "./format";

type Clips = Pick<Level, "clipped" | "clipped_exact"> | null;

/** Says that nothing clipped only when nothing did. */
export function clipText(clips: Clips): string {
  if (clips === null || clips.clipped === null) return `clip ${UNKNOWN}`;
  return clips.clipped === 0 ? "no clip" : `CLIP ${atLeast(clips)}${shortCount(clips.clipped)}`;
}

/** The whole number, and what a click does. */
export function clipTitle(channel: string, clips: Clips): string {
  const counted = clips?.clipped ? `: ${atLeast(clips)}${count(clips.clipped)}` : "";
  return `Clipped samples of channel ${channel} that this page saw${counted}; click to clear this mark, “Clear” on top for all that is held`;
}

const atLeast = (clips: Clips) => (clips?.clipped_exact ? "" : "≥\u202f");
