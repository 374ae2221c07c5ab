import { expect, it } from "vitest";
import { DBFS, levelUnit } from "../stream/level-unit";
import { ROWS, WaterfallHistory } from "./waterfall-history";

const batch = (values: number[], row_ms = 33, cells = 2, series = "plain") => ({
  series,
  level: DBFS,
  cells,
  cell_hz: 10,
  row_ms,
  count: values.length,
  bytes: Uint8Array.from(values.flatMap((value) => Array(cells * 2).fill(value))),
});

it("keeps the newest rows in a ring", () => {
  const history = new WaterfallHistory();
  for (let n = 0; n < ROWS + 10; n += 2) history.push(batch([n % 256, (n + 1) % 256]));
  expect(history.filled).toBe(ROWS);
  expect(history.row(history.written - 1)[0]).toBe((ROWS + 9) % 256);
  expect(history.row(history.first)[0]).toBe(10);
});

it("starts over when the shape or the time of a row changes, and not for jitter", () => {
  const history = new WaterfallHistory();
  history.push(batch([1, 2, 3], 33));
  history.push(batch([4], 33.4));
  expect(history.filled).toBe(4);
  history.push(batch([5], 66));
  expect(history.filled).toBe(1);
  history.push(batch([6], 66, 3));
  expect(history.filled).toBe(1);
  history.push(batch([5, 5], 66, 3, "densities"));
  expect(history.filled).toBe(2);
  history.push(batch([6], 66, 3, "plain"));
  expect(history.filled).toBe(1);
  expect([...history.row(history.written - 1)]).toEqual([6, 6, 6, 6, 6, 6]);
});

it("keeps what the levels of its rows are in", () => {
  const history = new WaterfallHistory();
  history.push(batch([1]));
  history.push({ ...batch([2], 33, 2, "sound"), level: levelUnit("db_spl", "amplitude") });
  expect(history.level.label).toBe("dB SPL");
});
