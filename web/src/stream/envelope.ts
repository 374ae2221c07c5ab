// A time span of the sample ring as at most so many columns of minimum and maximum: what a screen can show without
// hiding a single peak.

import type { SampleRing } from "./sample-ring";

export interface Envelope {
  /** Time of each point in seconds; two points per column (minimum, maximum), or one per sample when there is room. */
  x: Float32Array;
  a: Float32Array;
  b: Float32Array;
  /** Pairs of times [from, to] in seconds in which samples are missing. */
  holes: Float32Array;
  /** Largest absolute value, NaN apart. */
  largest: number;
  /** Samples in a column, and the number of the first one: column n begins at sample n · column_samples. */
  column_samples: number;
  first_column: number;
}

export interface Span {
  /** Index of the first sample shown. */
  from: number;
  /** Index after the last. */
  to: number;
  /** Index that stands at time 0. */
  zero: number;
  sample_rate: number;
}

/**
 * Columns begin with the first sample held, and what of the span lies before it is a hole; they are aligned to multiples of
 * their length, so that a rolling picture does not shimmer.
 */
export function envelope(ring: SampleRing, span: Span, columns: number): Envelope {
  const length = Math.max(1, Math.ceil((span.to - span.from) / Math.max(columns, 1)));
  const start = Math.max(span.from, Math.min(ring.start, span.to));
  const first = Math.floor(start / length);
  const count = Math.max(0, Math.ceil(span.to / length) - first);
  const per_column = length === 1 ? 1 : 2;
  const points = count * per_column;
  const out: Envelope = {
    x: new Float32Array(points),
    a: new Float32Array(points),
    b: new Float32Array(points),
    holes: new Float32Array(0),
    largest: 0,
    column_samples: length,
    first_column: first,
  };
  const holes = start > span.from ? [(span.from - span.zero) / span.sample_rate, (start - span.zero) / span.sample_rate] : [];
  for (let column = 0; column < count; column++) {
    const from = Math.max((first + column) * length, start);
    const to = Math.min((first + column + 1) * length, span.to);
    const at = column * per_column;
    const time_s = ((first + column) * length - span.zero) / span.sample_rate;
    out.x.fill(time_s, at, at + per_column);
    const whole = extremes(ring, ring.a, from, to, out.a, at, per_column);
    extremes(ring, ring.b, from, to, out.b, at, per_column);
    if (!whole) addHole(holes, (from - span.zero) / span.sample_rate, (to - span.zero) / span.sample_rate);
  }
  out.holes = Float32Array.from(holes);
  out.largest = Math.max(largest(out.a), largest(out.b));
  return out;
}

/** Writes minimum and maximum of one column; false when a sample of it is missing. */
function extremes(
  ring: SampleRing,
  channel: Float32Array,
  from: number,
  to: number,
  out: Float32Array,
  at: number,
  per_column: number,
): boolean {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let whole = from >= ring.start && to <= ring.end;
  const stop = Math.min(to, ring.end);
  let position = Math.max(from, ring.start) % ring.capacity;
  for (let index = Math.max(from, ring.start); index < stop; index++) {
    const value = channel[position] as number;
    if (value < min) min = value;
    if (value > max) max = value;
    if (value !== value) whole = false;
    if (++position === ring.capacity) position = 0;
  }
  const found = min <= max;
  out[at] = found ? min : Number.NaN;
  if (per_column === 2) out[at + 1] = found ? max : Number.NaN;
  return whole;
}

function addHole(holes: number[], from_s: number, to_s: number): void {
  if (holes.length > 0 && holes[holes.length - 1] === from_s) holes[holes.length - 1] = to_s;
  else holes.push(from_s, to_s);
}

function largest(values: Float32Array): number {
  let result = 0;
  for (let k = 0; k < values.length; k++) {
    const size = Math.abs(values[k] as number);
    if (size > result) result = size;
  }
  return result;
}
