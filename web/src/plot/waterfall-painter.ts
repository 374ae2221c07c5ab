// What a waterfall painter is told and what it must do. Painters differ in means (WebGL2, canvas 2D), not in what is seen,
// but for a step of colour by rounding.

import type { FrequencyAxis } from "../stream/frequency-axis";
import type { ColorMap } from "./colormap";
import type { WaterfallHistory } from "./waterfall-history";

/** Period of the hatching that stands for missing data, in device pixels. */
export const STRIPE_PX = 12;

export interface WaterfallView {
  axis: FrequencyAxis;
  channel: "a" | "b";
  color_map: ColorMap;
  /** Levels at the two ends of the colours, dBFS. */
  floor_db: number;
  top_db: number;
  /** Size of the canvas in device pixels; one row takes `row_px` of them, newest on top. */
  width_px: number;
  height_px: number;
  row_px: number;
  /** Colour of rows without data, and of the time before the first row, as `#rrggbb`. */
  hole: string;
  empty: string;
}

export interface WaterfallPainter {
  paint(history: WaterfallHistory, view: WaterfallView): void;
  dispose(): void;
}

/** `#rrggbb`, or `#rgb` as minifiers write it, as three numbers 0…1. */
export function rgb(color: string): [number, number, number] {
  const digits = color.length < 7 ? color.replaceAll(/[0-9a-f]/gi, "$&$&") : color;
  const value = Number.parseInt(digits.slice(1, 7), 16);
  return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}
