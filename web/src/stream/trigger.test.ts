import { expect, it } from "vitest";
import { SampleRing } from "./sample-ring";
import { risingCrossing } from "./trigger";

function ringOf(values: number[]): SampleRing {
  const ring = new SampleRing(10_000);
  ring.push(1000, values, []);
  return ring;
}

const sine = (count: number, period: number) =>
  Array.from({ length: count }, (_, k) => Math.sin((2 * Math.PI * k) / period - 0.1));

it("finds the newest rising crossing that leaves room after it", () => {
  const found = risingCrossing(ringOf(sine(1000, 100)), 250, 500) ?? 0;
  // sin(2πk/100 − 0.1) rises through zero at k ≡ 1.6, so first non-negative at k ≡ 2 (mod 100).
  expect((found - 1000) % 100).toBe(2);
  expect(found).toBe(1702);
});

it("ignores wiggles around zero", () => {
  const noisy = sine(1000, 100).map((value, k) => value + (k % 2 === 0 ? 0.05 : -0.05));
  const found = risingCrossing(ringOf(noisy), 250, 500) ?? 0;
  expect(Math.abs(((found - 1000) % 100) - 2)).toBeLessThanOrEqual(2);
});

it.each([
  ["silence", Array.from({ length: 1000 }, () => 0)],
  ["an offset", Array.from({ length: 1000 }, () => 0.5)],
  ["nothing", []],
])("does not trigger on %s", (_name, values) => {
  expect(risingCrossing(ringOf(values), 100, 500)).toBeNull();
});
