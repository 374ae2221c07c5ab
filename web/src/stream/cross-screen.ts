// The cross-spectrum of both channels as the screen shows it: of the bins under a column of pixels that with the largest
// magnitude, with its phase and coherence.

import { type BinaryMessage, WireError } from "@photophone/client/wire";
import { amplitudeToDb } from "./decibel";
import { type FrequencyAxis, frequencyAxis } from "./frequency-axis";
import { groupBins, type SpectrumRequest } from "./spectrum-view";

export interface CrossPoint {
  hz: number;
  level_db: number;
  /** Phase of B against A. */
  phase_deg: number;
  /** γ², 0…1. */
  coherence: number;
}

export interface CrossView {
  axis: FrequencyAxis;
  /** Position of each point on the axis, 0…1. */
  x: Float32Array;
  level_db: Float32Array;
  phase_deg: Float32Array;
  coherence: Float32Array;
  /** Pairs of x between which the phase says nothing: the coherence is no more than what channels with nothing in common show. */
  phase_holes: Float32Array;
  /** Of the loudest bin shown, the first two apart, which hold the offset; null when there is none. */
  peak: CrossPoint | null;
  averages: number;
}

type Request = Omit<SpectrumRequest, "hold" | "hold_min">;

interface Cross {
  sample_rate: number;
  size: number;
  averages: number;
  magnitude: Float32Array | null;
  phase: Float32Array;
  coherence: Float32Array;
}

export class CrossScreen {
  private newest: Cross | null = null;

  push({ place, meta, arrays }: BinaryMessage): void {
    const { size, averages } = (meta ?? {}) as { size?: number; averages?: number };
    if (place === null || size === undefined) throw new WireError("cross-spectrum without place or size");
    const of = (name: string) => (arrays.get(name) as Float32Array | undefined) ?? null;
    const magnitude = of("cross_magnitude");
    const [phase, coherence] = [of("cross_phase"), of("cross_coherence")];
    if (magnitude && !(phase && coherence)) throw new WireError("cross-spectrum without phase or coherence");
    const none = new Float32Array(0);
    const found = { magnitude, phase: phase ?? none, coherence: coherence ?? none };
    this.newest = { sample_rate: place.sample_rate, size, averages: averages ?? 0, ...found };
  }

  clear(): void {
    this.newest = null;
  }

  /** Null before the first, and before there are two averages. */
  view({ scale, lo_hz, hi_hz, columns }: Request): CrossView | null {
    const cross = this.newest;
    if (cross?.magnitude == null) return null;
    const { magnitude } = cross;
    const bin_hz = cross.sample_rate / cross.size;
    const axis = frequencyAxis(scale, cross.sample_rate, lo_hz, hi_hz);
    const { starts, x } = groupBins(axis, magnitude.length, bin_hz, columns);
    const bins = Uint32Array.from(x, (_, g) => loudest(magnitude, starts[g] as number, starts[g + 1] as number));
    const point = (bin: number): CrossPoint => ({
      hz: bin * bin_hz,
      level_db: amplitudeToDb(magnitude[bin] as number),
      phase_deg: ((cross.phase[bin] as number) * 180) / Math.PI,
      coherence: cross.coherence[bin] as number,
    });
    const line = (of: (point: CrossPoint) => number) => Float32Array.from(bins, (bin) => of(point(bin)));
    const coherence = line((each) => each.coherence);
    const [first, last] = [Math.max(2, Math.ceil(axis.lo_hz / bin_hz)), Math.min(magnitude.length - 1, Math.floor(axis.hi_hz / bin_hz))];
    return {
      axis,
      x,
      level_db: line(({ level_db }) => level_db),
      phase_deg: line(({ phase_deg }) => phase_deg),
      coherence,
      phase_holes: holes(x, coherence, chanceCoherence(cross.averages)),
      peak: first <= last ? point(loudest(magnitude, first, last + 1)) : null,
      averages: cross.averages,
    };
  }
}

/**
 * γ² that noise in both channels with nothing in common exceeds once in 20, after so many independent averages
 * (Carter, Proc. IEEE 75, 236 (1987)).
 */
function chanceCoherence(averages: number): number {
  return averages > 1 ? 1 - 0.05 ** (1 / (averages - 1)) : 1;
}

/** Spans of the axis in which values are not above `least`; what is above reaches half-way to its neighbours. */
function holes(x: Float32Array, values: Float32Array, least: number): Float32Array {
  const edges: number[] = [];
  const border = (n: number) => ((x[Math.max(n - 1, 0)] as number) + (x[Math.min(n, x.length - 1)] as number)) / 2;
  let is_hole = false;
  values.forEach((value, n) => {
    if (value <= least === is_hole) return;
    edges.push(border(n));
    is_hole = !is_hole;
  });
  return Float32Array.from(is_hole ? [...edges, border(x.length)] : edges);
}

function loudest(magnitude: Float32Array, from: number, to: number): number {
  let best = from;
  for (let bin = from + 1; bin < to; bin++) if ((magnitude[bin] as number) > (magnitude[best] as number)) best = bin;
  return best;
}
