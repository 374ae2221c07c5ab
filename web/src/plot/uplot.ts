// Line plots. The only file that knows uPlot; panels describe what they want with PlotSpec and draw with LinePlot.

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { palette } from "../theme";

export interface Range {
  min: number;
  max: number;
}

export interface PlotTick {
  at: number;
  label: string;
}

export interface LineSpec {
  stroke: () => string;
  width?: number;
  dash?: number[];
}

export interface PlotSpec {
  lines: LineSpec[];
  /** Ticks for a range shown over so many CSS pixels. */
  xTicks: (range: Range, width_px: number) => PlotTick[];
  yTicks: (range: Range, height_px: number) => PlotTick[];
  /** Whether the x axis has labels; stacked plots label only the lowest. */
  xLabels: boolean;
  /** Draws over the lines, in device pixels. */
  overlay?: (paper: Paper) => void;
  /** Whom the pointer moves; without, there is no cursor. */
  pointer?: PointerTaker;
}

export interface PointerTaker {
  /** The pointer stands at `x`; null when it left. */
  point: (x: number | null) => void;
  /** It clicked there. */
  pick: (x: number) => void;
}

/** The canvas with its scales, for overlays. */
export interface Paper {
  context: CanvasRenderingContext2D;
  left: number;
  top: number;
  width: number;
  height: number;
  /** Device pixels per CSS pixel. */
  ratio: number;
  x: (value: number) => number;
  y: (value: number) => number;
}

export interface PlotData {
  x: Float32Array;
  /** One array per line of the spec; null hides the line. */
  lines: (Float32Array | null)[];
  xRange: Range;
  yRange: Range;
  /** Names the axes; ticks are computed anew when it changes, as ranges alone do not tell. */
  axes: string;
  /** Pairs of x in which there is no data: lines do not cross them. */
  holes?: Float32Array;
}

/** Room for the labels of the y axis; the waterfall below the spectrum keeps the same. */
export const Y_GUTTER_PX = 52;
export const RIGHT_PAD_PX = 22;
const X_LABELS_PX = 26;
const TOP_PAD_PX = 8;
const FONT = '11px system-ui, "Segoe UI", "Liberation Sans", Arial, sans-serif';

export class LinePlot {
  private readonly plot: uPlot;
  private ranges: { x: Range; y: Range } = { x: { min: 0, max: 1 }, y: { min: 0, max: 1 } };
  private holes: Float32Array = new Float32Array(0);
  private readonly shown: boolean[];
  /** Null before the first data: an axis without them has no numbers. */
  private axes: string | null = null;

  constructor(
    container: HTMLElement,
    private readonly spec: PlotSpec,
  ) {
    this.shown = spec.lines.map(() => true);
    const empty = [[0, 1], ...spec.lines.map(() => [null, null])] as uPlot.AlignedData;
    this.plot = new uPlot(this.options(container), empty, container);
    if (spec.pointer) this.listen(this.plot.over, spec.pointer);
  }

  draw(data: PlotData): void {
    this.ranges = { x: data.xRange, y: data.yRange };
    this.holes = data.holes ?? this.holes.subarray(0, 0);
    this.plot.batch(() => {
      data.lines.forEach((line, n) => {
        if (this.shown[n] === (line !== null)) return;
        this.shown[n] = line !== null;
        this.plot.setSeries(n + 1, { show: line !== null });
      });
      // A hidden line still needs as many values as x has.
      this.plot.setData([data.x, ...data.lines.map((line) => line ?? data.x)], false);
      this.plot.setScale("x", data.xRange);
      this.plot.setScale("y", data.yRange);
    });
    if (data.axes === this.axes) return;
    this.axes = data.axes;
    this.plot.redraw(false, true);
  }

  /** Draws the same data again, in the colours of the present theme. */
  repaint(): void {
    this.plot.redraw(false, true);
  }

  resize(width: number, height: number): void {
    if (width !== this.plot.width || height !== this.plot.height) this.plot.setSize({ width, height });
  }

  /** Width of the plotting area in CSS pixels. */
  get innerWidth(): number {
    return this.plot.over.clientWidth;
  }

  /** Puts the cursor line at `x`, or takes it away. */
  moveCursor(x: number | null): void {
    const left = x === null ? -10 : this.plot.valToPos(x, "x");
    this.plot.setCursor({ left, top: x === null ? -10 : 0 }, false);
  }

  destroy(): void {
    this.plot.destroy();
  }

  private options(container: HTMLElement): uPlot.Options {
    const { spec } = this;
    return {
      width: container.clientWidth || 300,
      height: container.clientHeight || 150,
      padding: [TOP_PAD_PX, RIGHT_PAD_PX, spec.xLabels ? 0 : TOP_PAD_PX, 0],
      legend: { show: false },
      scales: {
        x: { time: false, auto: false, range: () => [this.ranges.x.min, this.ranges.x.max] },
        y: { auto: false, range: () => [this.ranges.y.min, this.ranges.y.max] },
      },
      cursor: {
        show: spec.pointer !== undefined,
        y: false,
        points: { show: false },
        drag: { setScale: false, x: false, y: false },
      },
      axes: [this.axis("x"), this.axis("y")],
      series: [{}, ...spec.lines.map((line) => this.series(line))],
      hooks: {
        draw: [() => this.drawOverlay()],
      },
    };
  }

  private drawOverlay(): void {
    const { ctx } = this.plot;
    ctx.save();
    this.spec.overlay?.(this.paper());
    ctx.restore();
  }

  /** The hook of uPlot does not tell a pointer that moves from a picture that is drawn anew below it. */
  private listen(over: HTMLElement, pointer: PointerTaker): void {
    const x = (event: MouseEvent) => this.plot.posToVal(event.clientX - over.getBoundingClientRect().left, "x");
    over.addEventListener("pointermove", (event) => pointer.point(x(event)));
    over.addEventListener("pointerleave", () => pointer.point(null));
    over.addEventListener("click", (event) => pointer.pick(x(event)));
  }

  private axis(scale: "x" | "y"): uPlot.Axis {
    const horizontal = scale === "x";
    const ticks = (plot: uPlot) => {
      if (this.axes === null) return [];
      // The element behind still has its old size while the plot takes a new one.
      const { width, height } = plot.bbox;
      return horizontal
        ? this.spec.xTicks(this.ranges.x, width / uPlot.pxRatio)
        : this.spec.yTicks(this.ranges.y, height / uPlot.pxRatio);
    };
    return {
      scale,
      font: FONT,
      stroke: () => palette.muted,
      size: horizontal ? (this.spec.xLabels ? X_LABELS_PX : 0) : Y_GUTTER_PX,
      gap: horizontal ? 8 : 4,
      ticks: { show: false },
      grid: { stroke: () => palette.grid, width: 1 },
      splits: (plot) => ticks(plot).map((tick) => tick.at),
      values: (plot) => (horizontal && !this.spec.xLabels ? [] : ticks(plot).map((tick) => tick.label)),
    };
  }

  private series(line: LineSpec): uPlot.Series {
    return {
      scale: "y",
      stroke: line.stroke,
      width: line.width ?? 1,
      ...(line.dash ? { dash: line.dash } : {}),
      points: { show: false },
      gaps: (plot) => this.holePixels(plot),
    };
  }

  private holePixels(plot: uPlot): [number, number][] {
    const pixels: [number, number][] = [];
    for (let n = 0; n < this.holes.length; n += 2) {
      pixels.push([
        plot.valToPos(this.holes[n] as number, "x", true),
        plot.valToPos(this.holes[n + 1] as number, "x", true),
      ]);
    }
    return pixels;
  }

  private paper(): Paper {
    const { plot } = this;
    const { left, top, width, height } = plot.bbox;
    return {
      context: plot.ctx,
      left,
      top,
      width,
      height,
      ratio: uPlot.pxRatio,
      x: (value) => plot.valToPos(value, "x", true),
      y: (value) => plot.valToPos(value, "y", true),
    };
  }
}
