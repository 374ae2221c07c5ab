import { expect, it } from "vitest";
import { Arrivals } from "./arrivals";

it("tells the rate of the last arrivals and the median age", () => {
  const arrivals = new Arrivals();
  expect(arrivals.fps).toBeNull();
  for (let n = 0; n < 100; n++) arrivals.push(n * 40, n === 90 ? 5000 : 12);
  expect(arrivals.fps).toBeCloseTo(25);
  expect(arrivals.age_ms).toBe(12);
  arrivals.clear();
  expect(arrivals.fps).toBeNull();
});
