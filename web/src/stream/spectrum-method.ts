// How a spectrum was computed, as its event tells it, and the peaks that the server lists with it.

import type { PeakEvent, SpectrumEvent } from "@photophone/client/wire";
import { type LevelUnit, levelUnit, valueToDb } from "./level-unit";
import type { Peak } from "./spectrum-view";

/** A row of the table of peaks, as the server found it in the whole band. */
export interface ListedPeak extends Peak {
  snr_db: number;
}

/** How a spectrum was computed, for its reader. */
export interface Method {
  enbw_hz: number;
  size: number;
  window: string;
  level: LevelUnit;
  /** Spectra in the average so far; null where there is no average. */
  averages: number | null;
  /** Null for one window per frame. */
  overlap: number | null;
}

/** Whether levels of both can be compared. */
export function isAlike(one: SpectrumEvent, other: SpectrumEvent | null): boolean {
  const same = (key: "sample_rate" | "size" | "window" | "unit" | "scale") => one[key] === other?.[key];
  return same("sample_rate") && same("size") && same("window") && same("unit") && same("scale");
}

/**
 * Of spectra that stand for the same, so that they share a waterfall, and one may raise what was held of the other. Another
 * epoch begins no series; it is a hole in the waterfall, and holds begin anew.
 */
export function seriesOf({ sample_rate, size, window, unit, scale, averages, overlap }: SpectrumEvent): string {
  return [sample_rate, size, window, unit, scale, averages === null, overlap].join();
}

export function methodOf({ enbw_hz, size, window, averages, overlap, unit, scale }: SpectrumEvent): Method {
  return { enbw_hz, size, window, averages, overlap, level: levelUnit(unit, scale) };
}

export function listed(peaks: PeakEvent[], unit: string): ListedPeak[] {
  return peaks.map(({ frequency_hz, value, snr_db }) => ({ hz: frequency_hz, level_db: valueToDb(value, unit, "amplitude"), snr_db }));
}
