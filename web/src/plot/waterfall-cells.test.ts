import { expect, it } from "vitest";
import { columnEdges, levelUnder } from "./waterfall-cells";

/** A row with these levels of A, and none of B. */
const row = (...levels: number[]) => Uint8Array.from(levels.flatMap((level) => [level, 0]));

it("lays columns over cells by the axis", () => {
  const linear = { scale: "linear", lo_hz: 100, hi_hz: 200 } as const;
  expect([...columnEdges(linear, 10, 4)]).toEqual([10, 12.5, 15, 17.5, 20]);
  const log = columnEdges({ scale: "log", lo_hz: 10, hi_hz: 1000 }, 10, 2);
  [1, 10, 100].forEach((edge, x) => expect(log[x]).toBeCloseTo(edge));
});

it("goes evenly from cell to cell where a pixel is narrower", () => {
  const levels = row(10, 20, 40);
  expect(levelUnder(levels, 0, 0.9, 1.1)).toBe(20);
  expect(levelUnder(levels, 0, 1.4, 1.6)).toBe(30);
  expect(levelUnder(levels, 0, 2.8, 3)).toBe(40);
  expect(levelUnder(levels, 1, 1.4, 1.6)).toBe(0);
});

it("takes the loudest cell, however many lie under a pixel", () => {
  const levels = row(...Array.from({ length: 300 }, (_, cell) => (cell === 250 ? 200 : 7)));
  expect(levelUnder(levels, 0, 0, 300)).toBe(200);
  expect(levelUnder(levels, 0, 0, 250)).toBe(7);
  expect(levelUnder(levels, 0, 249.5, 251.5)).toBe(200);
});

it("shows no level where one of two cells has none", () => {
  expect(levelUnder(row(0, 20), 0, 0.4, 0.6)).toBe(0);
});
