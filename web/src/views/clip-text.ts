// Clipped samples as a mark at the level meter.

import type { Level } from "../stream/level-meter";
import { count, UNKNOWN } from "./format";

/** Says that nothing clipped only when nothing did. */
export function clipText(level: Pick<Level, "clipped" | "clipped_exact"> | null): string {
  const clipped = level?.clipped ?? null;
  if (clipped === null) return `clip ${UNKNOWN}`;
  if (clipped === 0) return "no clip";
  return `CLIP ${level?.clipped_exact ? "" : "≥\u00a0"}${count(clipped)}`;
}
