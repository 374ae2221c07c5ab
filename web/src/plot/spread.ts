// The range of an axis that follows its values, with round ends.

import { roundStep } from "../stream/frequency-axis";
import type { Range } from "./uplot";

/** A range of round ends that holds all values, not narrower than `least` and than a thousandth of them. */
export function spread(lines: readonly Float32Array[], least: number): Range {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const line of lines) {
    for (const value of line) {
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  if (min > max) return { min: 0, max: 1 };
  const step = roundStep(Math.max((max - min) / 2, least / 2, Math.abs(max) / 2000, Math.abs(min) / 2000));
  const [low, high] = [Math.floor(min / step) * step, Math.ceil(max / step) * step];
  return high > low ? { min: low, max: high } : { min: low - step, max: high + step };
}
