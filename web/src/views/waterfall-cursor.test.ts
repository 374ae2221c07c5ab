import { expect, it, vi } from "vitest";
import { WaterfallHistory } from "../plot/waterfall-history";
import { dbToByte } from "../stream/decibel";
import { frequencyAxis } from "../stream/frequency-axis";
import { DBFS, levelUnit } from "../stream/level-unit";
import { WaterfallCursor } from "./waterfall-cursor";

const CELLS = 240;
const CELL_HZ = 100;
const axis = frequencyAxis("linear", 48_000, null, null);
const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, " ").replaceAll("−", "-");

/** Rows half a second apart; each has a tone at its own cell on a floor of −100 dB, B lies 10 dB lower; one has no data. */
function cursorOver(tones: (number | null)[], level = DBFS, drawn = level) {
  const history = new WaterfallHistory();
  const bytes = Uint8Array.from(tones.flatMap((tone) => Array.from({ length: CELLS }, (_, cell) => cellOf(tone, cell)).flat()));
  history.push({ series: "", level, cells: CELLS, cell_hz: CELL_HZ, row_ms: 500, bytes, count: tones.length });
  const live = { spectrum: { axis, peak_a: { hz: 12_000, level_db: -20 }, level: drawn }, history, head: { channels: 2 }, loop: { invalidate: vi.fn() } };
  return new WaterfallCursor(live as never);
}

function cellOf(tone: number | null, cell: number): [number, number] {
  if (tone === null) return [0, 0];
  const level_db = cell === tone ? -20 : -100;
  return [dbToByte(level_db), dbToByte(level_db - 10)];
}

it("reads time before now, frequency and levels", () => {
  const cursor = cursorOver([10, null, 120]);
  cursor.point({ position: 0.5, age: 0 });
  expect(plain(cursor.text())).toBe("0.00 s  12.000 kHz  A -20  B -30 dBFS");
  cursor.point({ position: 0.5, age: 1 });
  expect(plain(cursor.text())).toBe("-0.50 s  12.000 kHz  A —  B — dBFS");
  cursor.point({ position: 0.5, age: 2 });
  expect(plain(cursor.text())).toBe("-1.00 s  12.000 kHz  A -100  B -110 dBFS");
  cursor.point({ position: 0.5, age: 3 });
  expect(plain(cursor.text())).toBe("-1.50 s  12.000 kHz  before the first spectrum");
  cursor.point(null);
  expect(cursor.text()).toBe("");
});

it("reads levels from that which stands where 0 dBFS does", () => {
  const cursor = cursorOver([120], levelUnit("db_spl", "amplitude"));
  cursor.point({ position: 0.5, age: 0 });
  expect(plain(cursor.text())).toBe("0.00 s  12.000 kHz  A 100  B 90 dB SPL");
  expect(Math.max(...(cursor.trace(axis, Float32Array.of(0, 0.5, 1), "a") ?? []))).toBeCloseTo(100, 0);
});

it("reads rows in their own unit when the spectrum has another already, and draws none of them beside it", () => {
  const cursor = cursorOver([120], levelUnit("db_spl", "amplitude"), DBFS);
  cursor.point({ position: 0.5, age: 0 });
  expect(plain(cursor.text())).toBe("0.00 s  12.000 kHz  A 100  B 90 dB SPL");
  expect(cursor.trace(axis, Float32Array.of(0, 0.5, 1), "a")).toBeNull();
});

it("goes by keys over time and frequency, and stays when the pointer leaves", () => {
  const cursor = cursorOver([10, 20, 30]);
  const press = (key: string) => (cursor.key(key, false), cursor.place?.age);
  expect([press("End"), press("ArrowUp"), press("ArrowDown"), press("ArrowDown"), press("Home"), press("ArrowUp")]).toEqual([2, 1, 2, 2, 0, 0]);
  cursor.key("Enter", false);
  expect(cursor.place?.position).toBeCloseTo(0.5);
  cursor.point(null);
  expect(cursor.place).not.toBeNull();
  expect(press("Escape")).toBeUndefined();
  expect(cursor.key("x", false)).toBe(false);
});

it.each([CELLS + 1, 61])("gives the row as a spectrum of %d points, with its tone where it is", (points) => {
  const cursor = cursorOver([10, null, 120]);
  const x = Float32Array.from({ length: points }, (_, n) => n / (points - 1));
  const loudest = (channel: "a" | "b") => {
    const trace = cursor.trace(axis, x, channel);
    return trace && { at: trace.indexOf(Math.max(...trace)) / (points - 1), level_db: Math.max(...trace) };
  };
  cursor.point({ position: 0, age: 0 });
  expect(loudest("a")?.at).toBeCloseTo(0.5, 1);
  expect(Math.abs((loudest("a")?.level_db ?? 0) + 20)).toBeLessThan(0.4);
  expect(Math.abs((loudest("b")?.level_db ?? 0) + 30)).toBeLessThan(0.4);
  cursor.point({ position: 0, age: 1 });
  expect(loudest("a")).toBeNull();
  cursor.point({ position: 0, age: 2 });
  expect(loudest("a")?.at).toBeCloseTo(10 / CELLS, 1);
  cursor.point(null);
  expect(loudest("a")).toBeNull();
});
