// Runs in the browser: paints one waterfall by both painters and compares the pictures.

import { paintedCanvas } from "../src/plot/waterfall";
import { WaterfallHistory } from "../src/plot/waterfall-history";
import type { WaterfallView } from "../src/plot/waterfall-painter";
import type { FrequencyAxis } from "../src/stream/frequency-axis";
import { DBFS } from "../src/stream/level-unit";

const CELLS = 2048;
const CELL_HZ = 10;
const COUNT = 40;
/** A line that is one cell wide; the last but one under a pixel of 128 cells. */
const LOUD_CELL = 7 * 128 - 2;
/** Steps of a colour, of 255, that are not seen. */
const ALIKE = 8;

/** Share of the pixels in which the painters differ, of a picture so many pixels wide. */
export function unlike(axis: FrequencyAxis, width_px: number): number {
  const view = { axis, width_px, height_px: 120, row_px: 2, channel: "a", color_map: "viridis", floor_db: -120, top_db: 0 } as const;
  const [one, other] = (["webgl2", "canvas2d"] as const).map((painter) => picture(painter, { ...view, hole: "#808080", empty: "#101010" }));
  if (one === undefined || other === undefined) return 1;
  let differing = 0;
  for (let at = 0; at < one.length; at += 4) {
    if ([0, 1, 2].some((part) => Math.abs((one[at + part] as number) - (other[at + part] as number)) > ALIKE)) differing++;
  }
  return (4 * differing) / one.length;
}

function picture(wish: "webgl2" | "canvas2d", view: WaterfallView): Uint8ClampedArray {
  const { canvas, painter } = paintedCanvas(wish);
  if (canvas.dataset["painter"] !== wish) throw new Error(`this browser has no ${wish}`);
  canvas.width = view.width_px;
  canvas.height = view.height_px;
  painter.paint(history(), view);
  const context = new OffscreenCanvas(view.width_px, view.height_px).getContext("2d");
  if (context === null) throw new Error("no canvas");
  context.drawImage(canvas, 0, 0);
  painter.dispose();
  return context.getImageData(0, 0, view.width_px, view.height_px).data;
}

/** Waves over frequency and time, a line, and some rows without data. */
function history(): WaterfallHistory {
  const bytes = new Uint8Array(COUNT * CELLS * 2);
  for (let row = 0; row < COUNT; row++) {
    for (let cell = 0; cell < CELLS; cell++) {
      const level = cell === LOUD_CELL ? 240 : Math.round(120 + 60 * Math.sin(cell / 2 + row / 5));
      bytes[2 * (row * CELLS + cell)] = row > 20 && row < 26 ? 0 : level;
    }
  }
  const kept = new WaterfallHistory();
  kept.push({ series: "", level: DBFS, cells: CELLS, cell_hz: CELL_HZ, row_ms: 33, bytes, count: COUNT });
  return kept;
}
