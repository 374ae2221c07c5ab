// Chooses how the waterfall is painted.

import type { Settings } from "../settings";
import { CanvasWaterfall } from "./waterfall-canvas";
import type { WaterfallPainter } from "./waterfall-painter";
import { WebglWaterfall } from "./waterfall-webgl";

/** Renderers that compute WebGL on the processor. Reading their picture back costs more than painting by canvas 2D. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

export interface PaintedCanvas {
  canvas: HTMLCanvasElement;
  painter: WaterfallPainter;
}

/** A canvas with a painter by the user's wish, or the best for this browser. */
export function paintedCanvas(wish: Settings["painter"]): PaintedCanvas {
  const webgl = wish === "webgl2" || (wish === "auto" && hasFastWebgl());
  return (webgl ? webglCanvas() : null) ?? flatCanvas();
}

function webglCanvas(): PaintedCanvas | null {
  const canvas = newCanvas("webgl2");
  const gl = openWebgl(canvas);
  const painter = gl && WebglWaterfall.start(canvas, gl);
  return painter && { canvas, painter };
}

/** On a canvas of its own, as one that had a WebGL context cannot have a 2D one. */
function flatCanvas(): PaintedCanvas {
  const canvas = newCanvas("canvas2d");
  return { canvas, painter: new CanvasWaterfall(canvas) };
}

function newCanvas(painter: string): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.dataset["painter"] = painter;
  return canvas;
}

function hasFastWebgl(): boolean {
  const gl = openWebgl(document.createElement("canvas"));
  if (gl === null) return false;
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  const renderer = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return !SOFTWARE.test(renderer);
}

function openWebgl(canvas: HTMLCanvasElement): WebGL2RenderingContext | null {
  return canvas.getContext("webgl2", { alpha: false, antialias: false, depth: false, powerPreference: "low-power" });
}
