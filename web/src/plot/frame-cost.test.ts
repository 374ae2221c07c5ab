import { expect, it, vi } from "vitest";
import { FrameCost } from "./frame-cost";

it("adds the pieces of a frame up and forgets old frames", () => {
  const cost = new FrameCost();
  expect(cost.summary).toBeNull();
  let now_ms = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now_ms);
  const frame = (...pieces_ms: number[]) => {
    for (const piece_ms of pieces_ms) cost.measure(() => void (now_ms += piece_ms));
    cost.endFrame();
  };
  frame(1000);
  for (let n = 0; n < 256; n++) frame(1, n % 10 === 0 ? 9 : 2);
  expect(cost.summary).toEqual({ median_ms: 3, p95_ms: 10, frames: 257 });
  vi.restoreAllMocks();
});
