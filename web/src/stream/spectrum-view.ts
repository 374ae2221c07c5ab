// A spectrum as the screen shows it: in decibels, one value per column of pixels (the loudest bin of each), with its peak.

import type { SpectrumEvent } from "@photophone/client/wire";
import { SILENCE_DB } from "./decibel";
import { type FrequencyAxis, frequencyAxis, type FrequencyScale, positionOf } from "./frequency-axis";
import { type ByBin, copyOf, LevelHold } from "./level-hold";
import { levelUnit, valuesToDb } from "./level-unit";
import { type Place, placeOf } from "./place";
import type { RowSpectrum } from "./row-pool";
import { sineBetween } from "./sine";
import { isAlike, listed, type ListedPeak, type Method, methodOf, seriesOf } from "./spectrum-method";

/** Bins 0 and 1 hold the DC offset, smeared by the window; a peak there would say nothing about sound. */
const FIRST_PEAK_BIN = 2;

export interface Peak {
  /** Interpolated between bins, for a single sine. */
  hz: number;
  /** Level of that sine, which may stand above the loudest bin. */
  level_db: number;
}

export interface SpectrumView extends Method {
  axis: FrequencyAxis;
  /** Position of each point on the axis, 0…1. */
  x: Float32Array;
  a: Float32Array;
  /** Null for a mono source. */
  b: Float32Array | null;
  /** Largest level of each point since it was switched on; null when off. */
  hold_a: Float32Array | null;
  hold_b: Float32Array | null;
  /** Smallest level likewise. */
  min_a: Float32Array | null;
  min_b: Float32Array | null;
  /** The spectrum that the user kept to compare with; null without. */
  kept_a: Float32Array | null;
  kept_b: Float32Array | null;
  peak_a: Peak | null;
  peak_b: Peak | null;
  /** Null when nobody asked for them. */
  peaks: { a: ListedPeak[]; b: ListedPeak[] } | null;
  bin_hz: number;
  place: Place;
  /** Point n stands for the bins starts[n] … starts[n+1]−1. */
  starts: Uint32Array;
}

export interface SpectrumRequest {
  scale: FrequencyScale;
  lo_hz: number | null;
  hi_hz: number | null;
  columns: number;
  hold: boolean;
  hold_min: boolean;
}

/** Bins that share a column of pixels: group g holds the bins starts[g] … starts[g+1]−1. */
export interface Groups {
  starts: Uint32Array;
  x: Float32Array;
}

export function groupBins(axis: FrequencyAxis, bins: number, bin_hz: number, columns: number): Groups {
  // One bin beyond each edge, so that lines run to the border.
  const first = Math.max(axis.scale === "log" ? 1 : 0, Math.ceil(axis.lo_hz / bin_hz) - 1);
  const last = Math.min(bins - 1, Math.floor(axis.hi_hz / bin_hz) + 1);
  const starts: number[] = [];
  let column = Number.NaN;
  for (let bin = first; bin <= last; bin++) {
    const here = Math.floor(positionOf(axis, bin * bin_hz) * columns);
    if (here !== column) starts.push(bin);
    column = here;
  }
  const x = starts.map((start, g) => {
    const end = (starts[g + 1] ?? last + 1) - 1;
    return positionOf(axis, ((start + end) / 2) * bin_hz);
  });
  return { starts: Uint32Array.from([...starts, last + 1]), x: Float32Array.from(x) };
}

/** The loudest bin of each group. */
export function poolMax(levels_db: Float32Array, groups: Groups): Float32Array {
  const out = new Float32Array(groups.x.length);
  for (let g = 0; g < out.length; g++) {
    let max = SILENCE_DB;
    const end = groups.starts[g + 1] as number;
    for (let bin = groups.starts[g] as number; bin < end; bin++) max = Math.max(max, levels_db[bin] as number);
    out[g] = max;
  }
  return out;
}

/** The loudest bin within the axis; null when all of it is silent. */
export function findPeak(levels_db: Float32Array, bin_hz: number, axis: FrequencyAxis, window: string): Peak | null {
  const first = Math.max(FIRST_PEAK_BIN, Math.ceil(axis.lo_hz / bin_hz));
  const last = Math.min(levels_db.length - 1, Math.floor(axis.hi_hz / bin_hz));
  let best = -1;
  for (let bin = first; bin <= last; bin++) {
    if (best < 0 || (levels_db[bin] as number) > (levels_db[best] as number)) best = bin;
  }
  if (best < 0 || (levels_db[best] as number) <= SILENCE_DB) return null;
  const [left, right] = [levels_db[best - 1], levels_db[best + 1]];
  const { offset_bins, above_db } = sineBetween(left as number, right ?? (left as number), window);
  return { hz: (best + offset_bins) * bin_hz, level_db: (levels_db[best] as number) + above_db };
}

/** The newest spectrum, its maximum hold, and what the screen asked for. */
export class SpectrumScreen {
  private a = new Float32Array(0);
  private b: Float32Array | null = null;
  private largest = new LevelHold(Math.max);
  private smallest = new LevelHold(Math.min);
  private kept: ByBin | null = null;
  private event: SpectrumEvent | null = null;
  private series = "";
  private groups: { key: string; axis: FrequencyAxis; value: Groups } | null = null;

  push(event: SpectrumEvent): void {
    const bins = event.magnitude_a.length;
    if (bins !== this.a.length || !isAlike(event, this.event)) this.forget(bins);
    const series = seriesOf(event);
    if (event.epoch !== this.event?.epoch || series !== this.series) this.holdNothing();
    this.series = series;
    this.event = event;
    const { unit, scale } = event;
    valuesToDb(event.magnitude_a, this.a, unit, scale);
    this.b = event.magnitude_b.length === bins ? (this.b ?? new Float32Array(bins)) : null;
    if (this.b) valuesToDb(event.magnitude_b, this.b, unit, scale);
    this.largest.push(this.levels);
    this.smallest.push(this.levels);
  }

  /** The newest spectrum, which is this event, for the waterfall. */
  row(event: SpectrumEvent): RowSpectrum {
    const { unit, scale } = event;
    const bin_hz = event.sample_rate / event.size;
    return { ...event, ...this.levels, bin_hz, series: this.series, level: levelUnit(unit, scale) };
  }

  /** A copy that later spectra do not change. */
  copy(): SpectrumScreen {
    const copy = new SpectrumScreen();
    copy.a = this.a.slice();
    copy.b = this.b?.slice() ?? null;
    copy.largest = this.largest.copy();
    copy.smallest = this.smallest.copy();
    copy.kept = this.kept;
    copy.event = this.event;
    copy.series = this.series;
    return copy;
  }

  /** Switches the holds; each begins with the newest spectrum. */
  hold({ hold, hold_min }: Pick<SpectrumRequest, "hold" | "hold_min">): void {
    this.largest.switch(hold, this.newest);
    this.smallest.switch(hold_min, this.newest);
  }

  /** Forgets what came before the newest spectrum. */
  restartHold(): void {
    this.largest.restart(this.newest);
    this.smallest.restart(this.newest);
  }

  /** Keeps a spectrum beside those that come, if its levels can be compared with them; null to keep none. */
  keep(spectrum: SpectrumScreen | null): void {
    this.kept = spectrum?.newest && this.fits(spectrum) ? copyOf(spectrum.newest) : null;
  }

  private fits({ a, event }: SpectrumScreen): boolean {
    return event !== null && isAlike(event, this.event) && a.length === this.a.length;
  }

  private get newest(): ByBin | null {
    return this.event && this.levels;
  }

  private get levels(): ByBin {
    return { a: this.a, b: this.b };
  }

  view(request: SpectrumRequest): SpectrumView | null {
    const event = this.event;
    if (event === null) return null;
    const bin_hz = event.sample_rate / event.size;
    const { axis, groups } = this.grouping(request, event.sample_rate, bin_hz);
    const pool = (levels: Float32Array | null | undefined) => (levels ? poolMax(levels, groups) : null);
    return {
      axis,
      x: groups.x.slice(),
      a: poolMax(this.a, groups),
      b: pool(this.b),
      hold_a: pool(this.largest.held?.a),
      hold_b: pool(this.largest.held?.b),
      min_a: pool(this.smallest.held?.a),
      min_b: pool(this.smallest.held?.b),
      kept_a: pool(this.kept?.a),
      kept_b: pool(this.kept?.b),
      peak_a: findPeak(this.a, bin_hz, axis, event.window),
      peak_b: this.b && findPeak(this.b, bin_hz, axis, event.window),
      peaks: event.peaks_a && { a: listed(event.peaks_a, event.unit), b: listed(event.peaks_b ?? [], event.unit) },
      bin_hz,
      place: placeOf(event),
      starts: groups.starts.slice(),
      ...methodOf(event),
    };
  }

  private grouping(request: SpectrumRequest, sample_rate: number, bin_hz: number): { axis: FrequencyAxis; groups: Groups } {
    const key = [request.scale, request.lo_hz, request.hi_hz, request.columns, sample_rate, bin_hz].join();
    if (this.groups?.key !== key) {
      const axis = frequencyAxis(request.scale, sample_rate, request.lo_hz, request.hi_hz);
      this.groups = { key, axis, value: groupBins(axis, this.a.length, bin_hz, request.columns) };
    }
    return { axis: this.groups.axis, groups: this.groups.value };
  }

  private forget(bins: number): void {
    this.a = new Float32Array(bins);
    this.b = null;
    this.groups = null;
    this.kept = null;
  }

  private holdNothing(): void {
    this.largest.restart(null);
    this.smallest.restart(null);
  }
}
