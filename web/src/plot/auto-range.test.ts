import { expect, it } from "vitest";
import { AutoRange } from "./auto-range";

it("grows at once and shrinks only after a while", () => {
  const range = new AutoRange();
  expect(range.next(0.1)).toBeCloseTo(0.2);
  expect(range.next(0.6)).toBeCloseTo(1);
  expect(range.next(1)).toBeCloseTo(1);
  for (let n = 0; n < 60; n++) expect(range.next(0.1)).toBeCloseTo(1);
  expect(range.next(0.1)).toBeCloseTo(0.2);
  expect(range.next(0)).toBeCloseTo(0.2);
});
