// Waterfall by canvas 2D, for browsers without WebGL2: scrolls the picture and paints the new rows; paints all of them when
// the view changed.

import { dbToUnit } from "../stream/decibel";
import { COLORS, colorTable } from "./colormap";
import { columnEdges, levelUnder } from "./waterfall-cells";
import { rgb, STRIPE_PX, type WaterfallPainter, type WaterfallView } from "./waterfall-painter";
import { ROWS, type WaterfallHistory } from "./waterfall-history";

export class CanvasWaterfall implements WaterfallPainter {
  private readonly context: CanvasRenderingContext2D | null;
  private colors = new Uint8Array(0);
  private painted = { key: "", rows: 0 };
  private edges = new Float64Array(0);

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext("2d", { alpha: false });
  }

  paint(history: WaterfallHistory, view: WaterfallView): void {
    if (this.context === null || history.cells === 0) return;
    const key = JSON.stringify([view, history.cells, history.cell_hz, history.first > this.painted.rows]);
    if (key !== this.painted.key) {
      this.colors = colorTable(view.color_map);
      this.edges = columnEdges(view.axis, history.cell_hz, view.width_px);
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
    const channel = view.channel === "b" ? 1 : 0;
    const { width, data } = image;
    for (let x = 0; x < width; x++) {
      const byte = levelUnder(row, channel, this.edges[x] as number, this.edges[x + 1] as number);
      const shade = Math.round(((byte - 1) / 254 - floor) * scale);
      const color = Math.min(Math.max(shade, 0), COLORS - 1) * 4;
      for (let y = top; y < top + view.row_px; y++) {
        const at = (y * width + x) * 4;
        const hole = stripes[(x + number * view.row_px - (y - top)) % STRIPE_PX < STRIPE_PX / 2 ? 0 : 1] as number[];
        for (let part = 0; part < 3; part++) data[at + part] = (byte === 0 ? hole[part] : this.colors[color + part]) as number;
        data[at + 3] = 255;
      }
    }
  }
}

/** The two colours of the hatching that stands for missing data; the same as in the WebGL2 painter. */
function holeStripes(view: WaterfallView): [number[], number[]] {
  const [hole, empty] = [rgb(view.hole), rgb(view.empty)];
  const mixed = hole.map((part, n) => (part * 0.2 + (empty[n] as number) * 0.8) * 255);
  return [hole.map((part) => part * 255), mixed];
}
