// Waterfall by WebGL2: the history is a texture used as a ring; a new row is one small upload, a change of axis, colours or
// channel only a change of uniforms.

import { dbToUnit } from "../stream/decibel";
import { type ColorMap, COLORS, colorTable } from "./colormap";
import { rgb, STRIPE_PX, type WaterfallPainter, type WaterfallView } from "./waterfall-painter";
import { ROWS, type WaterfallHistory } from "./waterfall-history";
import { FRAGMENT, VERTEX } from "./waterfall-shader";

type Gl = WebGL2RenderingContext;

export class WebglWaterfall implements WaterfallPainter {
  private program: WebGLProgram | null = null;
  private uniforms = new Map<string, WebGLUniformLocation | null>();
  private cells = 0;
  /** The map in the texture of colours. */
  private color_map: ColorMap | null = null;
  /** Rows of the history that are in the texture. */
  private uploaded = 0;
  private readonly onLost = (event: Event) => event.preventDefault();
  private readonly onRestored = () => void this.start();

  private constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly gl: Gl,
  ) {}

  /** Null when this browser cannot run it. */
  static start(canvas: HTMLCanvasElement, gl: Gl): WebglWaterfall | null {
    const painter = new WebglWaterfall(canvas, gl);
    // A lost context links nothing and is no fault; it starts again when it is restored.
    if (!painter.start() && !gl.isContextLost()) return null;
    // Drivers may drop the context at any time; the history is in main memory, so that all comes back.
    canvas.addEventListener("webglcontextlost", painter.onLost);
    canvas.addEventListener("webglcontextrestored", painter.onRestored);
    return painter;
  }

  paint(history: WaterfallHistory, view: WaterfallView): void {
    const { gl } = this;
    if (this.program === null || gl.isContextLost() || history.cells === 0) return;
    this.upload(history);
    this.color(view.color_map);
    gl.viewport(0, 0, view.width_px, view.height_px);
    gl.uniform2i(this.at("u_ring"), history.cells, ROWS);
    gl.uniform3i(this.at("u_time"), (history.written + ROWS - 1) % ROWS, history.filled, view.row_px);
    gl.uniform2f(this.at("u_size"), view.width_px, view.height_px);
    const { axis } = view;
    gl.uniform3f(this.at("u_axis"), axis.lo_hz / history.cell_hz, axis.hi_hz / history.cell_hz, axis.scale === "log" ? 1 : 0);
    gl.uniform2f(this.at("u_range"), dbToUnit(view.floor_db), dbToUnit(view.top_db));
    gl.uniform1f(this.at("u_green"), view.channel === "b" ? 1 : 0);
    gl.uniform1f(this.at("u_stripes"), ((history.written - 1) * view.row_px) % STRIPE_PX);
    gl.uniform3f(this.at("u_hole"), ...rgb(view.hole));
    gl.uniform3f(this.at("u_empty"), ...rgb(view.empty));
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  dispose(): void {
    this.canvas.removeEventListener("webglcontextlost", this.onLost);
    this.canvas.removeEventListener("webglcontextrestored", this.onRestored);
    // Browsers allow a page few contexts; this one is given back at once instead of at the next garbage collection.
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  /** Whether the shaders run; they may not on a faulty driver. */
  private start(): boolean {
    const { gl } = this;
    this.program = link(gl);
    if (this.program === null) return false;
    this.uniforms.clear();
    this.cells = 0;
    gl.useProgram(this.program);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    texture(gl, 1);
    gl.uniform1i(this.at("u_colors"), 1);
    this.color_map = null;
    texture(gl, 0);
    gl.uniform1i(this.at("u_rows"), 0);
    return true;
  }

  private color(map: ColorMap): void {
    if (map === this.color_map) return;
    const { gl } = this;
    this.color_map = map;
    gl.activeTexture(gl.TEXTURE0 + 1);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, COLORS, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, colorTable(map));
    gl.activeTexture(gl.TEXTURE0);
  }

  private upload(history: WaterfallHistory): void {
    const { gl } = this;
    if (history.cells !== this.cells) {
      this.cells = history.cells;
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RG8, this.cells, ROWS, 0, gl.RG, gl.UNSIGNED_BYTE, history.bytes);
      this.uploaded = history.written;
    }
    for (let row = Math.max(this.uploaded, history.first); row < history.written; row++) {
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, row % ROWS, this.cells, 1, gl.RG, gl.UNSIGNED_BYTE, history.row(row));
    }
    this.uploaded = history.written;
  }

  private at(name: string): WebGLUniformLocation | null {
    let location = this.uniforms.get(name);
    if (location === undefined && this.program) {
      location = this.gl.getUniformLocation(this.program, name);
      this.uniforms.set(name, location);
    }
    return location ?? null;
  }
}

function texture(gl: Gl, unit: number): void {
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, filter, gl.NEAREST);
  for (const wrap of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, wrap, gl.CLAMP_TO_EDGE);
}

function link(gl: Gl): WebGLProgram | null {
  const program = gl.createProgram();
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(kind);
    if (shader === null) return null;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  return gl.getProgramParameter(program, gl.LINK_STATUS) ? program : null;
}
