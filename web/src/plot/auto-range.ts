// Half height of an amplitude axis that follows the signal: grows at once, shrinks after a while, in steps of 1-2-5.

import { roundStep } from "../stream/frequency-axis";

/** Pictures for which the signal must have been small before the axis shrinks: about two seconds. */
const PATIENCE = 60;
/** Smallest half height: about the last bit of 24-bit samples. */
const LEAST = 1e-7;

export class AutoRange {
  private half = 0;
  private small = 0;

  next(largest: number): number {
    const step = roundStep(Math.max(largest * 1.05, LEAST));
    // Signals within full scale need no more than full scale.
    const wanted = largest <= 1 ? Math.min(step, 1) : step;
    this.small = wanted < this.half ? this.small + 1 : 0;
    if (wanted > this.half || this.small > PATIENCE) {
      this.half = wanted;
      this.small = 0;
    }
    return this.half;
  }
}
