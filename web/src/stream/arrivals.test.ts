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

it("looks back one second, however many frames that are", () => {
  const arrivals = new Arrivals();
  for (let n = 0; n < 1000; n++) arrivals.push(n, 900);
  for (let n = 1000; n < 1600; n++) arrivals.push(n, 20);
  expect(arrivals.age_ms).toBe(20);
  expect(arrivals.fps).toBeCloseTo(1000);
});

it("knows the age of the last frame and a rate where frames are rare", () => {
  const arrivals = new Arrivals();
  [900, 800, 30, 40].forEach((age_ms, n) => arrivals.push(n * 2000, age_ms));
  expect(arrivals.age_ms).toBe(40);
  expect(arrivals.fps).toBeCloseTo(0.5);
});
