import { expect, it } from "vitest";
import { spread } from "./spread";

it.each([
  [[0.25, 0.75], 1e-7, { min: 0, max: 1 }],
  [[-179.6, 12], 0.2, { min: -200, max: 100 }],
  [[5, 5], 0.2, { min: 4.9, max: 5.1 }],
  [[Number.NaN], 1, { min: 0, max: 1 }],
])("lays round ends around %j", (values, least, { min, max }) => {
  const found = spread([Float32Array.from(values)], least);
  expect(found.min).toBeCloseTo(min, 5);
  expect(found.max).toBeCloseTo(max, 5);
});
