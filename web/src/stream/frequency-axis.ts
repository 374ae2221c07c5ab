// Where a frequency stands on the axis that spectrum and waterfall share, and where the ticks are. Positions run 0…1.

export type FrequencyScale = "log" | "linear";

export interface FrequencyAxis {
  scale: FrequencyScale;
  lo_hz: number;
  hi_hz: number;
}

/** Lowest frequency shown on a logarithmic axis unless the user asks for another. */
export const LOG_LO_HZ = 20;

/** The axis for a sample rate; `lo_hz` and `hi_hz` are the user's wish, null for the whole band. */
export function frequencyAxis(
  scale: FrequencyScale,
  sample_rate: number,
  lo_hz: number | null,
  hi_hz: number | null,
): FrequencyAxis {
  const wish = wishedBand(scale, sample_rate, lo_hz, hi_hz);
  // A wish that leaves nothing to see is not followed, which the page tells.
  return wish.lo_hz < wish.hi_hz ? { scale, ...wish } : { scale, lo_hz: lowestHz(scale), hi_hz: sample_rate / 2 };
}

/** Whether nothing lies in the band that the user wishes, so that the whole band is shown. */
export function isEmptyBand(...wish: Parameters<typeof frequencyAxis>): boolean {
  const { lo_hz, hi_hz } = wishedBand(...wish);
  return lo_hz >= hi_hz;
}

function wishedBand(...[scale, sample_rate, lo_hz, hi_hz]: Parameters<typeof frequencyAxis>): { lo_hz: number; hi_hz: number } {
  const nyquist_hz = sample_rate / 2;
  const lo = lo_hz ?? (scale === "log" ? LOG_LO_HZ : 0);
  return { lo_hz: Math.max(lo, lowestHz(scale)), hi_hz: Math.min(hi_hz ?? nyquist_hz, nyquist_hz) };
}

const lowestHz = (scale: FrequencyScale) => (scale === "log" ? 1 : 0);

export function positionOf(axis: FrequencyAxis, hz: number): number {
  if (axis.scale === "linear") return (hz - axis.lo_hz) / (axis.hi_hz - axis.lo_hz);
  return Math.log(Math.max(hz, 1e-3) / axis.lo_hz) / Math.log(axis.hi_hz / axis.lo_hz);
}

export function frequencyAt(axis: FrequencyAxis, position: number): number {
  if (axis.scale === "linear") return axis.lo_hz + position * (axis.hi_hz - axis.lo_hz);
  return axis.lo_hz * (axis.hi_hz / axis.lo_hz) ** position;
}

export interface Tick {
  hz: number;
  position: number;
  label: string;
}

/** Ticks at round frequencies, at most about `most` of them. */
export function frequencyTicks(axis: FrequencyAxis, most: number): Tick[] {
  const decades = Math.log10(axis.hi_hz / Math.max(axis.lo_hz, 1e-3));
  // Below one decade 1-2-5 steps leave too few ticks, and an evenly divided axis reads better.
  const values = axis.scale === "log" && decades > 1 ? logValues(axis, most) : linearValues(axis, most);
  return values.map((hz) => ({ hz, position: positionOf(axis, hz), label: tickLabel(hz) }));
}

function logValues(axis: FrequencyAxis, most: number): number[] {
  for (const digits of [[1, 2, 5], [1, 3], [1]]) {
    const values: number[] = [];
    for (let decade = 1; decade <= axis.hi_hz; decade *= 10) {
      for (const digit of digits) {
        const hz = digit * decade;
        if (hz >= axis.lo_hz * 0.999 && hz <= axis.hi_hz * 1.001) values.push(hz);
      }
    }
    if (values.length <= most) return values;
  }
  return [];
}

function linearValues(axis: FrequencyAxis, most: number): number[] {
  const step = roundStep((axis.hi_hz - axis.lo_hz) / Math.max(most, 1));
  const values: number[] = [];
  for (let n = Math.ceil(axis.lo_hz / step); n * step <= axis.hi_hz * 1.0001; n++) values.push(n * step);
  return values;
}

/** The smallest of 1, 2, 5 × 10^n that is not below `least`. */
export function roundStep(least: number): number {
  const decade = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5, 10].find((digit) => digit * decade >= least * 0.999) ?? 10) * decade;
}

function tickLabel(hz: number): string {
  return hz >= 1000 ? `${Number((hz / 1000).toPrecision(4))}k` : `${Number(hz.toPrecision(4))}`;
}
