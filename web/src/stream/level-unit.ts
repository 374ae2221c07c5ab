// What the levels of a spectrum are in: how its values become decibels, what the axis calls them, and where their range lies.

import { SILENCE_DB } from "./decibel";

/** As the API names them; `fs` is a fraction of full scale. */
export const UNITS = ["dbfs", "db_spl", "v", "pa"] as const;
export type Unit = (typeof UNITS)[number];
export const QUANTITIES = ["amplitude", "power", "psd"] as const;
/** What a value is: the amplitude of a sine, its mean square, or the mean square per Hz. */
export type Quantity = (typeof QUANTITIES)[number];

export interface LevelUnit {
  /** Of the levels drawn. */
  label: string;
  /** Of the amplitudes of sines, as the list of peaks has them whatever is drawn. */
  sine_label: string;
  /** Level that stands where 0 dBFS does: axis, range and colours begin from it. */
  origin_db: number;
}

export const DBFS: LevelUnit = { label: "dBFS", sine_label: "dBFS", origin_db: 0 };

const REFERENCES: Record<Unit, { name: string; squared: string; origin_db: number }> = {
  dbfs: { name: "dBFS", squared: "dBFS", origin_db: 0 },
  db_spl: { name: "dB SPL", squared: "dB SPL", origin_db: 120 },
  v: { name: "dB re 1 V", squared: "dB re 1 V²", origin_db: 0 },
  pa: { name: "dB re 1 Pa", squared: "dB re 1 Pa²", origin_db: 20 },
};
/** Densities lie lower, by the bandwidth of a bin. */
const PSD_ORIGIN_DB = -20;

/** Of what the server sends; a unit that this page does not know is shown under its name. */
export function levelUnit(unit: string, quantity: string): LevelUnit {
  const known = REFERENCES[unit === "fs" ? "dbfs" : (unit as Unit)] ?? { name: `dB re 1 ${unit}`, squared: `dB re 1 ${unit}²`, origin_db: 0 };
  if (quantity === "psd") return { label: `${known.squared}/Hz`, sine_label: known.name, origin_db: known.origin_db + PSD_ORIGIN_DB };
  const label = quantity === "power" ? known.squared : known.name;
  return { label, sine_label: known.name, origin_db: known.origin_db };
}

/** Whether values in this unit are levels already. */
const isLevel = (unit: string) => unit === "dbfs" || unit === "db_spl";

/** Decibels of one value. */
export function valueToDb(value: number, unit: string, quantity: string): number {
  if (isLevel(unit)) return Math.max(value, SILENCE_DB);
  const factor = quantity === "amplitude" ? 20 : 10;
  return value > 0 ? Math.max(factor * Math.log10(value), SILENCE_DB) : SILENCE_DB;
}

/** Decibels of a whole spectrum. */
export function valuesToDb(values: ArrayLike<number>, out: Float32Array, unit: string, quantity: string): void {
  if (isLevel(unit)) for (let k = 0; k < out.length; k++) out[k] = Math.max(values[k] ?? SILENCE_DB, SILENCE_DB);
  else for (let k = 0; k < out.length; k++) out[k] = valueToDb(values[k] ?? 0, unit, quantity);
}
