// Waterfall by canvas 2D, for browsers without WebGL2: scrolls the picture and paints the new rows; paints all of them when
// the view changed.

import { dbToUnit } from "../stream/decibel";
import { frequencyAt } from "../stream/frequency-axis";
import { COLORS, infernoTable } from "./colormap";
import { rgb, type WaterfallPainter, type WaterfallView } from "./waterfall-painter";
import { ROWS, type WaterfallHistory } from "./waterfall-history";

const STRIPE_PX = 12;

export class CanvasWaterfall implements WaterfallPainter {
  private readonly context: CanvasRenderingContext2D | null;
  private readonly colors = infernoTable();
  private painted = { key: "", rows: 0 };
  /** First and last cell under each pixel column. */
  private spans = new Int32Array(0);

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext("2d", { alpha: false });
  }

  paint(history: WaterfallHistory, view: WaterfallView): void {
    if (this.context === null || history.cells === 0) return;
    const key = JSON.stringify([view, history.cells, history.cell_hz, history.first > this.painted.rows]);
    if (key !== this.painted.key) {
      this.spans = cellSpans(history, view);
      this.context.fillStyle = view.empty;
      this.context.fillRect(0, 0, view.width_px, view.height_px);
      this.painted = { key, rows: history.first };
    }
    this.paintNew(this.context, history, view);
  }

  dispose(): void {
    // A 2D context holds nothing that the canvas does not free.
  }

  private paintNew(context: CanvasRenderingContext2D, history: WaterfallHistory, view: WaterfallView): void {
    const visible = Math.min(ROWS, Math.ceil(view.height_px / view.row_px));
    const rows = Math.min(history.written - this.painted.rows, visible, history.filled);
    this.painted.rows = history.written;
    if (rows <= 0) return;
    const height = rows * view.row_px;
    context.drawImage(this.canvas, 0, height);
    const image = context.createImageData(view.width_px, height);
    for (let n = 0; n < rows; n++) this.paintRow(image, n, history, view);
    context.putImageData(image, 0, 0);
  }

  /** Paints the row of age `age` in rows. */
  private paintRow(image: ImageData, age: number, history: WaterfallHistory, view: WaterfallView): void {
    const number = history.written - 1 - age;
    const row = history.row(number);
    const top = age * view.row_px;
    const floor = dbToUnit(view.floor_db);
    const scale = (COLORS - 1) / (dbToUnit(view.top_db) - floor);
    const stripes = holeStripes(view);
    const offset = view.channel === "b" ? 1 : 0;
    const { width, data } = image;
    for (let x = 0; x < width; x++) {
      const byte = this.loudest(row, x, offset);
      const shade = Math.round((Math.min(Math.max((byte - 1) / 254, 0), 1) - floor) * scale);
      const color = Math.min(Math.max(shade, 0), COLORS - 1) * 4;
      for (let y = top; y < top + view.row_px; y++) {
        const at = (y * width + x) * 4;
        const hole = stripes[(x + number * view.row_px - (y - top)) % STRIPE_PX < STRIPE_PX / 2 ? 0 : 1] as number[];
        for (let part = 0; part < 3; part++) data[at + part] = (byte === 0 ? hole[part] : this.colors[color + part]) as number;
        data[at + 3] = 255;
      }
    }
  }

  private loudest(row: Uint8Array, x: number, offset: number): number {
    let loudest = 0;
    const last = this.spans[2 * x + 1] as number;
    for (let cell = this.spans[2 * x] as number; cell <= last; cell++) {
      loudest = Math.max(loudest, row[2 * cell + offset] as number);
    }
    return loudest;
  }
}

/** The two colours of the hatching that stands for missing data; the same as in the WebGL2 painter. */
function holeStripes(view: WaterfallView): [number[], number[]] {
  const [hole, empty] = [rgb(view.hole), rgb(view.empty)];
  const mixed = hole.map((part, n) => (part * 0.2 + (empty[n] as number) * 0.8) * 255);
  return [hole.map((part) => part * 255), mixed];
}

function cellSpans(history: WaterfallHistory, view: WaterfallView): Int32Array<ArrayBuffer> {
  const spans = new Int32Array(view.width_px * 2);
  const clamp = (cell: number) => Math.min(Math.max(cell, 0), history.cells - 1);
  for (let x = 0; x < view.width_px; x++) {
    const left = frequencyAt(view.axis, x / view.width_px) / history.cell_hz;
    const right = frequencyAt(view.axis, (x + 1) / view.width_px) / history.cell_hz;
    // Where a pixel is narrower than a cell, the nearest one.
    const nearest = Math.round((left + right) / 2);
    spans[2 * x] = clamp(right - left < 1 ? nearest : Math.ceil(left));
    spans[2 * x + 1] = clamp(right - left < 1 ? nearest : Math.ceil(right) - 1);
  }
  return spans;
}
