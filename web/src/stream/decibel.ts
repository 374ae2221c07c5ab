// Amplitudes to decibels of full scale, and levels to the bytes of the waterfall.

/** Level written for an amplitude of zero: below everything that an f32 sample can hold apart from rounding. */
export const SILENCE_DB = -200;

/** Range of the waterfall's bytes; 0 means "no data", so 1 stands for the lowest level. */
export const BYTE_MIN_DB = -150;
export const BYTE_MAX_DB = 10;
const BYTE_STEPS = 254;

/** 20·log10 of an amplitude (1.0 = full scale), never below [SILENCE_DB]. */
export function amplitudeToDb(amplitude: number): number {
  return amplitude > 1e-10 ? 20 * Math.log10(amplitude) : SILENCE_DB;
}

/** A level, from that which stands where 0 dBFS does, as 1…255 over BYTE_MIN_DB…BYTE_MAX_DB (0.63 dB per step), clamped. */
export function dbToByte(level_db: number): number {
  const unit = (level_db - BYTE_MIN_DB) / (BYTE_MAX_DB - BYTE_MIN_DB);
  return 1 + Math.round(Math.min(Math.max(unit, 0), 1) * BYTE_STEPS);
}

/** The level that a byte stands for; null for "no data". */
export function byteToDb(byte: number): number | null {
  return byte === 0 ? null : BYTE_MIN_DB + ((byte - 1) / BYTE_STEPS) * (BYTE_MAX_DB - BYTE_MIN_DB);
}

/** Position of a level within the bytes' range, 0…1, as the colour lookup uses it. */
export function dbToUnit(level_db: number): number {
  return (level_db - BYTE_MIN_DB) / (BYTE_MAX_DB - BYTE_MIN_DB);
}
