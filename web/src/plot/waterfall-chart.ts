// The waterfall as a chart: a canvas in a box, and the painter that suits the browser.

import type { Settings } from "../settings";
import { palette } from "../theme";
import type { Chart } from "./chart";
import { paintedCanvas } from "./waterfall";
import { ROWS, type WaterfallHistory } from "./waterfall-history";
import type { WaterfallView } from "./waterfall-painter";

/** What is to be seen. */
export interface WaterfallScene extends Pick<WaterfallView, "axis" | "channel" | "color_map" | "floor_db" | "top_db"> {
  history: WaterfallHistory;
}

export interface WaterfallOptions {
  painter: Settings["painter"];
  /** Null before there is anything. */
  scene: () => WaterfallScene | null;
  onHeight: (height_px: number) => void;
}

/** Device pixels per row: as few as show no more rows than are kept. */
export const rowPixels = (height_px: number): number => Math.max(1, Math.ceil(height_px / ROWS));

export function waterfallChart(box: HTMLElement, options: WaterfallOptions): Chart {
  // A canvas of its own per chart: once disposed, its context cannot be used again.
  const { canvas, painter } = paintedCanvas(options.painter);
  box.append(canvas);
  return {
    draw: () => {
      const scene = options.scene();
      // An unpainted canvas is black, as the lowest level is; the box behind it is not.
      canvas.hidden = scene === null;
      if (scene === null) return;
      const { width: width_px, height: height_px } = canvas;
      const { hole, unfilled: empty } = palette;
      const { history, ...view } = scene;
      painter.paint(history, { ...view, width_px, height_px, row_px: rowPixels(height_px), hole, empty });
    },
    repaint: () => {
      // Colours are part of the view, which each picture is painted by.
    },
    resize: (width_px, height_px) => {
      resize(canvas, Math.round(width_px * devicePixelRatio), Math.round(height_px * devicePixelRatio));
      options.onHeight(height_px);
    },
    destroy: () => {
      painter.dispose();
      canvas.remove();
    },
  };
}

/** Even an equal size would clear the canvas, and the painter would not know. */
function resize(canvas: HTMLCanvasElement, width: number, height: number): void {
  if (canvas.width !== Math.max(1, width)) canvas.width = Math.max(1, width);
  if (canvas.height !== Math.max(1, height)) canvas.height = Math.max(1, height);
}
