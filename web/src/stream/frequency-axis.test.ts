import { describe, expect, it } from "vitest";
import { frequencyAt, frequencyAxis, frequencyTicks, isEmptyBand, positionOf, roundStep } from "./frequency-axis";

describe("frequencyAxis", () => {
  it("spans the band", () => {
    expect(frequencyAxis("linear", 48_000, null, null)).toEqual({ scale: "linear", lo_hz: 0, hi_hz: 24_000 });
    expect(frequencyAxis("log", 44_100, null, null)).toEqual({ scale: "log", lo_hz: 20, hi_hz: 22_050 });
  });

  it("follows a wish within the band and no other", () => {
    expect(frequencyAxis("log", 48_000, 1000, 3000)).toMatchObject({ lo_hz: 1000, hi_hz: 3000 });
    expect(frequencyAxis("log", 48_000, 0, 90_000)).toMatchObject({ lo_hz: 1, hi_hz: 24_000 });
    expect(frequencyAxis("linear", 48_000, 5000, 100)).toMatchObject({ lo_hz: 0, hi_hz: 24_000 });
  });

  it("knows which wish it does not follow", () => {
    expect(isEmptyBand("linear", 48_000, 20_000, 10)).toBe(true);
    expect(isEmptyBand("linear", 48_000, 30_000, null)).toBe(true);
    expect(isEmptyBand("log", 48_000, null, 15)).toBe(true);
    expect(isEmptyBand("log", 48_000, null, null)).toBe(false);
    expect(isEmptyBand("linear", Number.POSITIVE_INFINITY, 30_000, null)).toBe(false);
  });

  it.each(["log", "linear"] as const)("maps there and back (%s)", (scale) => {
    const axis = frequencyAxis(scale, 48_000, null, null);
    for (const hz of [20, 440, 2000, 23_999]) expect(frequencyAt(axis, positionOf(axis, hz))).toBeCloseTo(hz, 6);
    expect(positionOf(axis, axis.lo_hz)).toBeCloseTo(0);
    expect(positionOf(axis, axis.hi_hz)).toBeCloseTo(1);
  });
});

describe("frequencyTicks", () => {
  const labels = (scale: "log" | "linear", lo: number | null, hi: number | null, most: number) =>
    frequencyTicks(frequencyAxis(scale, 48_000, lo, hi), most).map((tick) => tick.label);

  it("stands at round frequencies", () => {
    expect(labels("log", null, null, 20)).toEqual(
      ["20", "50", "100", "200", "500", "1k", "2k", "5k", "10k", "20k"],
    );
    expect(labels("log", null, null, 5)).toEqual(["100", "1k", "10k"]);
    expect(labels("linear", null, null, 6)).toEqual(["0", "5k", "10k", "15k", "20k"]);
    expect(labels("log", 1900, 2100, 5)).toEqual(["1.9k", "1.95k", "2k", "2.05k", "2.1k"]);
  });
});

it("rounds steps up to 1, 2, 5", () => {
  expect([0.9, 1, 1.1, 3, 7, 0.03].map(roundStep)).toEqual([1, 1, 2, 5, 10, 0.05]);
});
