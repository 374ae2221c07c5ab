import { expect, it } from "vitest";
import type { FrameEvent } from "@photophone/client/wire";
import { waveCsv } from "../save/csv";
import { WaveScreen } from "./wave-screen";

const RATE = 1000;

/** A screen with the first `count` samples of an epoch from `first` on, which count up. */
function screenWith(first_sample: number, count: number): WaveScreen {
  const screen = new WaveScreen();
  const channel_a = Float32Array.from({ length: count }, (_, n) => n / count);
  const head = { epoch: "e", frame_number: 0, captured_us: 1e15, sample_rate: RATE, duration_ms: count };
  screen.push({ ...head, first_sample, channel_a, channel_b: new Float32Array(0), flags: [] } as FrameEvent);
  return screen;
}

it.each([
  [0, 2000, 100],
  [0, 2000, 20_000],
  [12_345, 20, 400],
])("begins with the first sample held of an epoch joined at %d, whatever the span", (first_sample, count, columns) => {
  const view = screenWith(first_sample, count).view({ span_ms: 10_000, columns, trigger: false });
  if (view === null) throw new Error("no view");
  expect(view).toMatchObject({ from_s: -10, to_s: 0, place: { first_sample, captured_us: 1e15 } });
  expect([...view.holes]).toEqual([-10, Math.fround(-count / RATE)]);
  const lines = waveCsv(view, []).trimEnd().split("\r\n");
  expect(lines).toContain(`# samples: ${count}`);
  const rows = lines.filter((line) => /^-?\d/.test(line)).map((line) => line.split(","));
  expect(rows[0]?.slice(0, 3)).toEqual([String(first_sample), String(-count / RATE), "0"]);
  expect(rows.every((row) => row.every((cell) => cell !== ""))).toBe(true);
});
