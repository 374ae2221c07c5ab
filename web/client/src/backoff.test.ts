import { expect, it } from "vitest";
import { backoff_ms, FIRST_MS, LONGEST_MS } from "./backoff.js";

it("doubles up to the longest delay", () => {
  expect([0, 1, 2, 3, 4, 5, 6, 1e9].map((attempt) => backoff_ms(attempt, () => 0))).toEqual([
    250, 500, 1000, 2000, 4000, 5000, 5000, 5000,
  ]);
});

it("spreads by jitter and stays within its bounds", () => {
  for (let attempt = 0; attempt < 40; attempt++) {
    for (const random of [0, 0.3, 0.999999]) {
      const delay_ms = backoff_ms(attempt, () => random);
      expect(delay_ms).toBeGreaterThanOrEqual(FIRST_MS);
      expect(delay_ms).toBeLessThanOrEqual(LONGEST_MS);
    }
  }
  expect(backoff_ms(9, () => 0.9)).toBeLessThan(backoff_ms(9, () => 0.1));
});
