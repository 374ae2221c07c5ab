// Chooses how the waterfall is painted.

import { CanvasWaterfall } from "./waterfall-canvas";
import type { WaterfallPainter } from "./waterfall-painter";
import { WebglWaterfall } from "./waterfall-webgl";

/** The best painter for this browser. The canvas must be fresh: a canvas has one kind of context for life. */
export function waterfallPainter(canvas: HTMLCanvasElement): WaterfallPainter {
  const gl = canvas.getContext("webgl2", { alpha: false, antialias: false, depth: false, powerPreference: "low-power" });
  return gl ? new WebglWaterfall(canvas, gl) : new CanvasWaterfall(canvas);
}
