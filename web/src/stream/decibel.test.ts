import { expect, it } from "vitest";
import { amplitudeToDb, dbToByte, SILENCE_DB } from "./decibel";

it.each([
  [1, 0],
  [0.5, -6.0206],
  [0.1, -20],
  [2, 6.0206],
  [0, SILENCE_DB],
  [1e-30, SILENCE_DB],
  [Number.NaN, SILENCE_DB],
])("amplitude %d reads %d dBFS", (amplitude, level_db) => {
  expect(amplitudeToDb(amplitude)).toBeCloseTo(level_db, 3);
});

it("keeps byte 0 for missing data", () => {
  expect(dbToByte(SILENCE_DB)).toBe(1);
  expect(dbToByte(-150)).toBe(1);
  expect(dbToByte(10)).toBe(255);
  expect(dbToByte(99)).toBe(255);
  expect(dbToByte(-70)).toBe(128);
});
