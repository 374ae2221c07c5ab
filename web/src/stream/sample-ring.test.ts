import { describe, expect, it } from "vitest";
import { SampleRing } from "./sample-ring";

const held = (ring: SampleRing, channel: "a" | "b" = "a") =>
  Array.from({ length: ring.end - ring.start }, (_, k) => ring[channel][(ring.start + k) % ring.capacity]);

describe("SampleRing", () => {
  it("keeps the newest samples under their indices", () => {
    const ring = new SampleRing(4);
    ring.push(100, [1, 2, 3], [-1, -2, -3]);
    ring.push(103, [4, 5, 6], [-4, -5, -6]);
    expect([ring.start, ring.end]).toEqual([102, 106]);
    expect(held(ring)).toEqual([3, 4, 5, 6]);
    expect(held(ring, "b")).toEqual([-3, -4, -5, -6]);
  });

  it("fills a hole with NaN", () => {
    const ring = new SampleRing(8);
    ring.push(0, [1, 2], []);
    ring.push(4, [5], []);
    expect(held(ring)).toEqual([1, 2, Number.NaN, Number.NaN, 5]);
    expect(held(ring, "b").every(Number.isNaN)).toBe(true);
  });

  it("starts over after a hole longer than itself and when indices go back", () => {
    const ring = new SampleRing(4);
    ring.push(0, [1, 2], []);
    ring.push(1_000_000, [3], []);
    expect([ring.start, ring.end]).toEqual([1_000_000, 1_000_001]);
    ring.push(0, [4], []);
    expect([ring.start, ring.end]).toEqual([0, 1]);
  });

  it("takes more samples at once than it holds", () => {
    const ring = new SampleRing(3);
    ring.push(10, [1, 2, 3, 4, 5], []);
    expect(held(ring)).toEqual([3, 4, 5]);
  });

  it("copies", () => {
    const ring = new SampleRing(2);
    ring.push(0, [1, 2], []);
    const copy = ring.copy();
    ring.push(2, [3, 4], []);
    expect(held(copy)).toEqual([1, 2]);
  });
});
