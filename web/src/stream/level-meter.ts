// What a level meter shows of one channel: peak, held peak, RMS and whether it ever clipped. Runs by the sample clock.

import { amplitudeToDb } from "./decibel";

/** Time constant of the RMS, and how the held peak behaves. */
const RMS_S = 0.3;
const HOLD_S = 1.5;
const FALL_DB_PER_S = 20;

export interface Level {
  /** Largest sample of the newest frame, dBFS. */
  peak_db: number;
  hold_db: number;
  /** Over about 300 ms, or what came since the first frame; 0 dBFS is the RMS of a full-scale sine (AES17), as the server counts it too. */
  rms_db: number;
  /** Clipped samples since the last clear that this page saw; null while it only knows of some that it could not count. */
  clipped: number | null;
  /** False when there were more, in frames that came before the level at which they clip was known. */
  clipped_exact: boolean;
}

export class LevelMeter {
  /** Sum of weighted mean squares, and of their weights, which is 1 once much more than RMS_S has passed. */
  private weighted = 0;
  private weight = 0;
  private peak_db = Number.NEGATIVE_INFINITY;
  private hold_db = Number.NEGATIVE_INFINITY;
  private hold_left_s = 0;
  private clipped = 0;
  private clipped_exact = true;

  /** `clip_level` is infinite for a frame without clipped samples, and null when it has some and nobody knows the level. */
  push(samples: ArrayLike<number>, sample_rate: number, clip_level: number | null): void {
    let peak = 0;
    let sum = 0;
    let clipped = 0;
    const clips = clip_level ?? Number.POSITIVE_INFINITY;
    for (let k = 0; k < samples.length; k++) {
      const size = Math.abs(samples[k] as number);
      if (size > peak) peak = size;
      if (size >= clips) clipped++;
      sum += size * size;
    }
    this.clipped += clipped;
    this.clipped_exact &&= clip_level !== null;
    const duration_s = samples.length / sample_rate;
    const share = 1 - Math.exp(-duration_s / RMS_S);
    this.weighted += share * (sum / Math.max(samples.length, 1) - this.weighted);
    this.weight += share * (1 - this.weight);
    this.peak_db = amplitudeToDb(peak);
    this.hold(duration_s);
  }

  /** Forgets clips and the held peak. */
  clear(): void {
    this.clearClips();
    this.hold_db = this.peak_db;
  }

  clearClips(): void {
    this.clipped = 0;
    this.clipped_exact = true;
  }

  get level(): Level {
    const rms_db = amplitudeToDb(Math.sqrt((2 * this.weighted) / this.weight));
    const { peak_db, hold_db, clipped_exact } = this;
    const clipped = this.clipped > 0 || clipped_exact ? this.clipped : null;
    return { peak_db, hold_db, rms_db, clipped, clipped_exact };
  }

  private hold(duration_s: number): void {
    this.hold_left_s -= duration_s;
    if (this.hold_left_s < 0) this.hold_db -= FALL_DB_PER_S * duration_s;
    if (this.peak_db >= this.hold_db) {
      this.hold_db = this.peak_db;
      this.hold_left_s = HOLD_S;
    }
  }
}
