import { describe, expect, it } from "vitest";
import { envelope } from "./envelope";
import { SampleRing } from "./sample-ring";

function ringOf(first: number, values: number[], capacity = 1 << 12): SampleRing {
  const ring = new SampleRing(capacity);
  ring.push(first, values, values.map((value) => -value));
  return ring;
}

describe("envelope", () => {
  it("shows single samples while there is room", () => {
    const ring = ringOf(10, [1, 2, 3, 4]);
    const { x, a, b } = envelope(ring, { from: 10, to: 14, zero: 14, sample_rate: 2 }, 100);
    expect([...x]).toEqual([-2, -1.5, -1, -0.5]);
    expect([...a]).toEqual([1, 2, 3, 4]);
    expect([...b]).toEqual([-1, -2, -3, -4]);
  });

  it("keeps every peak, however narrow", () => {
    const values = Array.from({ length: 1000 }, () => 0);
    values[777] = 0.9;
    values[333] = -0.8;
    for (const columns of [1, 7, 50, 499]) {
      const view = envelope(ringOf(0, values), { from: 0, to: 1000, zero: 1000, sample_rate: 1000 }, columns);
      expect(Math.max(...view.a)).toBeCloseTo(0.9);
      expect(Math.min(...view.a)).toBeCloseTo(-0.8);
      expect(view.largest).toBeCloseTo(0.9);
      expect(view.a.length).toBeLessThanOrEqual(2 * (columns + 1));
    }
  });

  it("aligns columns to the sample index and not to the span", () => {
    const ring = ringOf(0, Array.from({ length: 100 }, (_, k) => Math.sin(k)));
    const early = envelope(ring, { from: 0, to: 80, zero: 0, sample_rate: 1 }, 8);
    const late = envelope(ring, { from: 5, to: 85, zero: 0, sample_rate: 1 }, 8);
    // Columns that lie whole within both spans are the same.
    expect(late.a.slice(2, 16)).toEqual(early.a.slice(2, 16));
  });

  it("marks holes and what lies outside the ring", () => {
    const ring = new SampleRing(100);
    ring.push(10, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1], []);
    ring.push(30, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1], []);
    const view = envelope(ring, { from: 0, to: 40, zero: 0, sample_rate: 1 }, 8);
    expect([...view.holes]).toEqual([0, 10, 20, 30]);
    expect([view.x[0], view.first_column, view.a[0], view.a[5]]).toEqual([10, 2, 1, Number.NaN]);
    expect([...view.b].every(Number.isNaN)).toBe(true);
  });

  it("stays exact at indices beyond 32 bits", () => {
    const first = 2 ** 40 + 3;
    const view = envelope(ringOf(first, [1, 2, 3]), { from: first, to: first + 3, zero: first, sample_rate: 1 }, 10);
    expect([...view.x]).toEqual([0, 1, 2]);
    expect([...view.a]).toEqual([1, 2, 3]);
  });
});
