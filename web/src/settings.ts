// What the user chose on this machine: kept in localStorage, read once, checked field by field.

import { COLOR_MAPS, type ColorMap } from "./plot/colormap";
import { Store } from "./store";
import { type Analysis, ANALYSIS_CHECKS, PLAIN } from "./stream/analysis";
import type { FrequencyScale } from "./stream/frequency-axis";

export const SPANS_MS = [5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000] as const;
export const ROW_SPECTRA = [1, 2, 4, 8, 16, 32] as const;
export const FLOORS_DB = [-160, -140, -120, -100, -80, -60] as const;
export const TOPS_DB = [0, -10, -20, -30, -40] as const;
export const LOCKIN_REFERENCES = ["tracked", "channel_b", "hz"] as const;
export const HARMONICS = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;
export const TAUS_S = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30] as const;
export const SLOPES = [6, 12, 18, 24] as const;
export const STRIPS_S = [30, 60, 120, 300] as const;
export const CROSS_AVERAGINGS = ["exp:1", "exp:3", "exp:10", "exp:30", "linear:16", "linear:64", "linear:256"] as const;
export const PAINTERS = ["auto", "webgl2", "canvas2d"] as const;
export const THEMES = ["auto", "light", "dark"] as const;

export interface Settings extends Analysis {
  theme: (typeof THEMES)[number];
  span_ms: number;
  trigger: boolean;
  /** Amplitude axis follows the signal instead of showing full scale. */
  auto_gain: boolean;
  scale: FrequencyScale;
  /** Band shown, null for all of it. */
  lo_hz: number | null;
  hi_hz: number | null;
  /** Whether the largest, and the smallest, level of each bin is held. */
  hold: boolean;
  hold_min: boolean;
  /** Range of levels shown, from that which stands where 0 dBFS does (see level-unit.ts). */
  floor_db: number;
  top_db: number;
  waterfall_channel: "a" | "b";
  color_map: ColorMap;
  spectra_per_row: number;
  /** Whether the panels are open. */
  lockin: boolean;
  cross: boolean;
  lockin_reference: (typeof LOCKIN_REFERENCES)[number];
  /** For the reference `hz`. */
  lockin_hz: number;
  lockin_harmonic: (typeof HARMONICS)[number];
  lockin_tau_s: (typeof TAUS_S)[number];
  lockin_slope: (typeof SLOPES)[number];
  /** Time that the strip chart shows. */
  lockin_span_s: (typeof STRIPS_S)[number];
  cross_averaging: (typeof CROSS_AVERAGINGS)[number];
  /** How the waterfall is painted; for machines whose graphics driver is at fault. */
  painter: (typeof PAINTERS)[number];
  /** Whether single keys act; screen reader and voice users may need them off. */
  shortcuts: boolean;
}

export const DEFAULTS: Settings = {
  ...PLAIN,
  theme: "auto",
  span_ms: 20,
  trigger: true,
  auto_gain: true,
  scale: "log",
  lo_hz: null,
  hi_hz: null,
  hold: false,
  hold_min: false,
  floor_db: -120,
  top_db: 0,
  waterfall_channel: "a",
  color_map: "inferno",
  spectra_per_row: 2,
  lockin: false,
  cross: false,
  lockin_reference: "tracked",
  lockin_hz: 1000,
  lockin_harmonic: 1,
  lockin_tau_s: 0.1,
  lockin_slope: 24,
  lockin_span_s: 60,
  cross_averaging: "exp:3",
  painter: "auto",
  shortcuts: true,
};

const KEY = "photophone.settings";

const among =
  (allowed: readonly unknown[]) =>
  (value: unknown): boolean =>
    allowed.includes(value);
const isBoolean = among([true, false]);
const isFrequency = (value: unknown) => value === null || (typeof value === "number" && value >= 0 && value < 1e6);

const CHECKS: Record<keyof Settings, (value: unknown) => boolean> = {
  ...ANALYSIS_CHECKS,
  theme: among(THEMES),
  span_ms: among(SPANS_MS),
  trigger: isBoolean,
  auto_gain: isBoolean,
  scale: among(["log", "linear"]),
  lo_hz: isFrequency,
  hi_hz: isFrequency,
  hold: isBoolean,
  hold_min: isBoolean,
  floor_db: among(FLOORS_DB),
  top_db: among(TOPS_DB),
  waterfall_channel: among(["a", "b"]),
  color_map: among(COLOR_MAPS),
  spectra_per_row: among(ROW_SPECTRA),
  lockin: isBoolean,
  cross: isBoolean,
  lockin_reference: among(LOCKIN_REFERENCES),
  lockin_hz: (value) => value !== null && value !== 0 && isFrequency(value),
  lockin_harmonic: among(HARMONICS),
  lockin_tau_s: among(TAUS_S),
  lockin_slope: among(SLOPES),
  lockin_span_s: among(STRIPS_S),
  cross_averaging: among(CROSS_AVERAGINGS),
  painter: among(PAINTERS),
  shortcuts: isBoolean,
};

export const isValid = (key: keyof Settings, value: unknown): boolean => CHECKS[key](value);

/** Settings from their stored text; what is missing, unknown or out of range takes its default. */
export function parseSettings(text: string | null): Settings {
  let stored: unknown = null;
  try {
    stored = JSON.parse(text ?? "null");
  } catch {
    // Text that is not JSON holds no settings; the defaults are right.
  }
  if (typeof stored !== "object" || stored === null) return DEFAULTS;
  const valid = Object.entries(stored).filter(([key, value]) => CHECKS[key as keyof Settings]?.(value) ?? false);
  return { ...DEFAULTS, ...Object.fromEntries(valid) };
}

/** What is kept: what somebody chose here, and not what a link shows. */
let own = parseSettings(read());
export const settings = new Store<Settings>(own);
let shown = own;
let is_borrowing = false;
settings.subscribe(() => {
  const now = settings.get();
  const chosen = Object.entries(now).filter(([key, value]) => value !== shown[key as keyof Settings]);
  shown = now;
  if (is_borrowing) return;
  own = { ...own, ...Object.fromEntries(chosen) };
  write(JSON.stringify(own));
});

/** Shows settings that nobody chose here: they are not kept until somebody changes them. */
export function borrow(view: Partial<Settings>): void {
  is_borrowing = true;
  settings.update(view);
  is_borrowing = false;
}

/** Whether something is shown that is not kept. */
export const isBorrowed = () => Object.entries(own).some(([key, value]) => value !== shown[key as keyof Settings]);

// Storage may be refused by the browser's privacy settings; the page then forgets, and works.
function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function write(text: string): void {
  try {
    localStorage.setItem(KEY, text);
  } catch {
    // See read.
  }
}
