import { describe, expect, it } from "vitest";
import { clock, count, fixed, frequency, level, samplesAsTime, scientific, shortCount, signed, significant, UNKNOWN, words } from "./format";

describe("format", () => {
  it("groups digits and writes a true minus", () => {
    expect(count(1_234_567)).toBe("1\u202f234\u202f567");
    expect(fixed(-1234.5, 1)).toBe("−1\u202f234.5");
    expect(fixed(-0.01, 1)).toBe("0.0");
  });

  it("never turns the unknown into a number", () => {
    for (const text of [count(null), level(undefined), frequency(Number.NaN), clock(null), signed(null, 1, "ppm")]) {
      expect(text).toBe(UNKNOWN);
    }
    expect(samplesAsTime(null, 48_000)).toBe(UNKNOWN);
  });

  it("writes a count short, and never too high", () => {
    expect([0, 9999, 10_000, 999_999, 1_000_000, 12_399_999].map(shortCount)).toEqual([
      "0",
      "9\u202f999",
      "10\u202fk",
      "999\u202fk",
      "1.0\u202fM",
      "12.3\u202fM",
    ]);
  });

  it("reads like an instrument", () => {
    expect(level(-200)).toBe("−∞");
    expect(level(-6.02)).toBe("−6.0");
    expect(frequency(2000.25)).toBe("2\u202f000.3\u00a0Hz");
    expect(frequency(12_345.6)).toBe("12.346\u00a0kHz");
    expect(clock(3723)).toBe("1:02:03");
    expect(clock(63.9)).toBe("1:03");
    expect(samplesAsTime(2400, 48_000)).toBe("50.0\u00a0ms");
    expect(samplesAsTime(24_000, 48_000)).toBe("500\u00a0ms");
    expect(samplesAsTime(148_848, 48_000)).toBe("3.10\u00a0s");
    expect(signed(4.44, 1, "ppm")).toBe("+4.4\u00a0ppm");
    expect(words("waiting_for_device")).toBe("waiting for device");
  });
});

it("writes as many digits as a number of that size has", () => {
  expect([significant(0.099_812_3, 5), significant(123.4, 2), significant(0, 3), significant(null, 3)]).toEqual(["0.099812", "123", "0.00", "—"]);
  expect(significant(-0.000_012, 5, 0.1)).toBe("−0.00001");
});

it("writes powers of ten", () => {
  expect([scientific(3.214e-6), scientific(0), scientific(-12_345), scientific(null)]).toEqual(["3.21·10⁻⁶", "0.00·10⁰", "−1.23·10⁴", "—"]);
});
