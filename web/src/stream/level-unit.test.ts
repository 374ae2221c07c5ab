import { expect, it } from "vitest";
import { SILENCE_DB } from "./decibel";
import { levelUnit, valuesToDb, valueToDb } from "./level-unit";

it.each([
  ["fs", "amplitude", "dBFS", 0],
  ["dbfs", "psd", "dBFS/Hz", -20],
  ["db_spl", "amplitude", "dB SPL", 120],
  ["db_spl", "psd", "dB SPL/Hz", 100],
  ["v", "amplitude", "dB re 1 V", 0],
  ["v", "power", "dB re 1 V²", 0],
  ["pa", "psd", "dB re 1 Pa²/Hz", 0],
  ["furlong", "amplitude", "dB re 1 furlong", 0],
])("calls %s of %s %s", (unit, quantity, label, origin_db) => {
  expect(levelUnit(unit, quantity)).toMatchObject({ label, origin_db });
});

it("calls the level of a sine the same whatever is drawn", () => {
  expect(["amplitude", "power", "psd"].map((quantity) => levelUnit("pa", quantity).sine_label)).toEqual(Array(3).fill("dB re 1 Pa"));
});

it.each([
  ["an amplitude in volts", 0.1, "v", "amplitude", -20],
  ["a mean square", 0.01, "v", "power", -20],
  ["a density", 1e-9, "pa", "psd", -90],
  ["a fraction of full scale", 0.5, "fs", "amplitude", -6.0206],
  ["a level", -33.5, "dbfs", "psd", -33.5],
  ["a level of sound", 94, "db_spl", "amplitude", 94],
  ["nothing", 0, "v", "amplitude", SILENCE_DB],
  ["next to nothing", 1e-30, "pa", "psd", SILENCE_DB],
  ["what is no number", Number.NaN, "v", "power", SILENCE_DB],
])("makes decibels of %s", (_name, value, unit, quantity, level_db) => {
  expect(valueToDb(value, unit, quantity)).toBeCloseTo(level_db, 3);
  const out = new Float32Array(2);
  valuesToDb([value, value], out, unit, quantity);
  for (const each of out) expect(each).toBeCloseTo(level_db, 3);
});
