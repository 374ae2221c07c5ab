// How spectra are computed, as the user chose it, and the feed of the server that does so.

import { type Feed, SPECTRA } from "./feeds";
import { QUANTITIES, type Quantity, type Unit, UNITS } from "./level-unit";

export const SIZES = [256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536] as const;
export const WINDOWS = ["rectangular", "hann", "hamming", "blackman", "blackman_harris", "flattop", "kaiser"] as const;
export const OVERLAPS = [0, 0.25, 0.5, 0.75, 0.9] as const;
export const AVERAGINGS = ["none", "exp", "linear", "peak", "min"] as const;
export const PEAK_COUNTS = [0, 3, 5, 8] as const;
export { QUANTITIES, UNITS };

/** Null is the server's own setting. */
export interface Analysis {
  fft_size: (typeof SIZES)[number] | null;
  fft_window: (typeof WINDOWS)[number] | null;
  kaiser_beta: number;
  /** Part of a window that the next has in common with it; null is one spectrum per frame, or half where that cannot be. */
  overlap: (typeof OVERLAPS)[number] | null;
  averaging: (typeof AVERAGINGS)[number];
  /** Time constant of `exp`. */
  average_s: number;
  /** Spectra in an average of `linear`. */
  average_n: number;
  quantity: Quantity;
  unit: Unit;
  /** Rows of the table of peaks; 0 is none. */
  peaks: (typeof PEAK_COUNTS)[number];
}

export const PLAIN: Analysis = {
  fft_size: null,
  fft_window: null,
  kaiser_beta: 8.6,
  overlap: null,
  averaging: "none",
  average_s: 1,
  average_n: 16,
  quantity: "amplitude",
  unit: "dbfs",
  peaks: 0,
};

const isAmong = (allowed: readonly unknown[]) => (value: unknown) => allowed.includes(value);
const isWithin = (least: number, most: number) => (value: unknown) => typeof value === "number" && value >= least && value <= most;

/** The bounds of the server; what is kept from elsewhere is checked by them. */
export const BETAS = { least: 0, most: 100 };
export const AVERAGE_SECS = { least: 0.001, most: 3600 };
export const AVERAGE_COUNTS = { least: 1, most: 100_000 };

export const ANALYSIS_CHECKS: Record<keyof Analysis, (value: unknown) => boolean> = {
  fft_size: isAmong([null, ...SIZES]),
  fft_window: isAmong([null, ...WINDOWS]),
  kaiser_beta: isWithin(BETAS.least, BETAS.most),
  overlap: isAmong([null, ...OVERLAPS]),
  averaging: isAmong(AVERAGINGS),
  average_s: isWithin(AVERAGE_SECS.least, AVERAGE_SECS.most),
  average_n: (value) => isWithin(AVERAGE_COUNTS.least, AVERAGE_COUNTS.most)(value) && Number.isInteger(value),
  quantity: isAmong(QUANTITIES),
  unit: isAmong(UNITS),
  peaks: isAmong(PEAK_COUNTS),
};

/** Equal choices make an equal query, so that tabs share the feed; with nothing chosen it is the plain one. */
export function spectralFeed(chosen: Analysis): Feed {
  if (isPlain(chosen)) return SPECTRA;
  const { fft_size, overlap, quantity, unit, peaks } = chosen;
  const query = new URLSearchParams();
  if (fft_size !== null) query.set("size", String(fft_size));
  if (chosen.fft_window !== null) query.set("window", windowWord(chosen));
  query.set("overlap", String(overlap ?? 0.5));
  query.set("averaging", averagingWord(chosen));
  query.set("scale", quantity);
  query.set("unit", unit);
  // Nobody looks at them, and they are two fifths of the bytes.
  query.set("phase", "false");
  if (peaks > 0) query.set("peaks", String(peaks));
  return { kind: SPECTRA.kind, query: decodeURIComponent(query.toString()) };
}

/** Whether nothing was chosen that makes another spectrum. */
export function isPlain({ fft_size, fft_window, overlap, averaging, quantity, unit, peaks }: Analysis): boolean {
  const chosen = { ...PLAIN, fft_size, fft_window, overlap, averaging, quantity, unit, peaks };
  return Object.entries(PLAIN).every(([key, value]) => chosen[key as keyof Analysis] === value);
}

function windowWord({ fft_window, kaiser_beta }: Analysis): string {
  return fft_window === "kaiser" ? `kaiser:${kaiser_beta}` : String(fft_window);
}

function averagingWord({ averaging, average_s, average_n }: Analysis): string {
  if (averaging === "exp") return `exp:${average_s}`;
  return averaging === "linear" ? `linear:${average_n}` : averaging;
}
