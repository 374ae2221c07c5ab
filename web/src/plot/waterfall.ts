// Chooses how the waterfall is painted.

import type { Settings } from "../settings";
import { CanvasWaterfall } from "./waterfall-canvas";
import type { WaterfallPainter } from "./waterfall-painter";
import { WebglWaterfall } from "./waterfall-webgl";

/** Renderers that compute WebGL on the processor. Reading their picture back costs more than painting by canvas 2D. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** A painter by the user's wish, or the best for this browser. The canvas must be fresh: it has one context for life. */
export function waterfallPainter(canvas: HTMLCanvasElement, wish: Settings["painter"]): WaterfallPainter {
  const webgl = wish === "webgl2" || (wish === "auto" && hasFastWebgl());
  const gl = webgl ? openWebgl(canvas) : null;
  canvas.dataset["painter"] = gl ? "webgl2" : "canvas2d";
  return gl ? new WebglWaterfall(canvas, gl) : new CanvasWaterfall(canvas);
}

/** Tried on another canvas, as one that had a WebGL context cannot have a 2D one. */
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
