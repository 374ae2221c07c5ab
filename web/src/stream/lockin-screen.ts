// Readings of the lock-in over the last minutes, as the strip chart shows them: what is not known, or did not come, stays
// empty.


/** What a channel holds at the harmonic of the reference. */
import { type BinaryMessage, type Place, WireError } from "@photophone/client/wire";
export interface Demodulated {
  /** Peak amplitude and its parts as fractions of full scale. */
  amplitude: number;
  x: number;
  y: number;
  /** Radians. */
  phase: number;
  /** RMS per √Hz; null while it is not known. */
  noise_density: number | null;
}

/** One event of the feed, without its place. */
export interface LockinReading {
  reference: string;
  reference_hz: number | null;
  harmonic: number;
  tau_s: number;
  slope: number;
  n: number;
  locked: boolean;
  settled: boolean;
  bandwidth_hz: number;
  age_tau: number;
  noise_s: number | null;
  channel_a: Demodulated | null;
  channel_b: Demodulated | null;
}

export interface LockinView {
  /** Seconds before the end of the newest reading. */
  x: Float32Array;
  amplitude_a: Float32Array;
  amplitude_b: Float32Array;
  /** Without jumps by a whole turn; the newest lies between −180 and 180. */
  phase_a_deg: Float32Array;
  phase_b_deg: Float32Array;
  /** Pairs of times in seconds between which no reading came. */
  holes: Float32Array;
  span_s: number;
  newest: LockinReading;
}

/** Bound whatever the rate of readings: ten a second for longer than the longest span. */
const MOST = 4000;

interface Kept {
  /** UTC of the end of what was read, in microseconds. */
  end_us: number;
  /** UTC of its beginning, where the reading before was not the one before it; else null. */
  begins_us: number | null;
  reading: LockinReading;
}

export class LockinScreen {
  private kept: Kept[] = [];
  private last: Pick<Place, "epoch" | "first_sample"> | null = null;

  push({ place, meta }: BinaryMessage): void {
    if (place === null || typeof meta !== "object" || meta === null) throw new WireError("lockin without place or meta");
    const { epoch, first_sample, samples, captured_us, sample_rate } = place;
    const follows = this.last?.epoch === epoch && this.last.first_sample === first_sample;
    this.last = { epoch, first_sample: first_sample + samples };
    const end_us = captured_us + (samples * 1e6) / sample_rate;
    this.kept.push({ end_us, begins_us: follows ? null : captured_us, reading: meta as LockinReading });
    if (this.kept.length > MOST) this.kept.shift();
  }

  /** Other readings follow: of another reference or filter. */
  clear(): void {
    this.kept = [];
    this.last = null;
  }

  /** Null before the first reading. */
  view(span_s: number): LockinView | null {
    const newest = this.kept.at(-1);
    if (newest === undefined) return null;
    const at = (us: number) => (us - newest.end_us) / 1e6;
    const shown = this.kept.filter(({ end_us }) => at(end_us) >= -span_s);
    const line = (read: (reading: LockinReading) => number | undefined) => Float32Array.from(shown, ({ reading }) => read(reading) ?? Number.NaN);
    return {
      x: Float32Array.from(shown, ({ end_us }) => at(end_us)),
      amplitude_a: line(({ channel_a }) => channel_a?.amplitude),
      amplitude_b: line(({ channel_b }) => channel_b?.amplitude),
      phase_a_deg: unwrap(line(({ channel_a }) => degrees(channel_a))),
      phase_b_deg: unwrap(line(({ channel_b }) => degrees(channel_b))),
      holes: Float32Array.from(holesOf(shown).flatMap(([from_us, to_us]) => [at(from_us), at(to_us)])),
      span_s,
      newest: newest.reading,
    };
  }
}

const degrees = (read: Demodulated | null) => (read ? (read.phase * 180) / Math.PI : undefined);

/** Turns each phase by whole turns to the one after it. Changes its argument. */
function unwrap(phase_deg: Float32Array): Float32Array {
  let next = Number.NaN;
  for (let n = phase_deg.length - 1; n >= 0; n--) {
    const here = phase_deg[n] as number;
    if (Number.isNaN(here)) continue;
    if (!Number.isNaN(next)) phase_deg[n] = here + 360 * Math.round((next - here) / 360);
    next = phase_deg[n] as number;
  }
  return phase_deg;
}

/** Where a reading does not follow the one before it. */
function holesOf(kept: readonly Kept[]): [number, number][] {
  return kept.flatMap(({ begins_us }, n) => {
    const before = kept[n - 1];
    return begins_us === null || before === undefined ? [] : [[before.end_us, Math.max(begins_us, before.end_us)] as [number, number]];
  });
}
