// How the strip charts of the lock-in are drawn: both channels, with the time in which no reading came.

import { spread } from "../plot/spread";
import type { LinePlot, PlotSpec, PlotTick, Range } from "../plot/uplot";
import { roundStep } from "../stream/frequency-axis";
import type { Live } from "../stream/live";
import type { LockinView } from "../stream/lockin-screen";
import { palette } from "../theme";
import { drawHoles, timeTicks } from "./wave-plot";

export type Quantity = "amplitude" | "phase";

const NONE = new Float32Array(0);

export function lockinDraw(live: Pick<Live, "lockin">, quantity: Quantity): (plot: LinePlot) => void {
  let drawn: LockinView | null = null;
  return (plot) => {
    const { lockin } = live;
    if (lockin === drawn) return;
    drawn = lockin;
    const { x, holes, span_s } = lockin ?? { x: NONE, holes: NONE, span_s: 1 };
    const lines = lockin === null ? [NONE, NONE] : linesOf(lockin, quantity);
    const yRange = spread(lines, quantity === "phase" ? 0.2 : 1e-7);
    // The ticks follow the signal.
    const axes = `${span_s}/${yRange.min}/${yRange.max}`;
    plot.draw({ x, lines, holes, xRange: { min: -span_s, max: 0 }, yRange, axes });
  };
}

export function lockinSpec(live: Pick<Live, "lockin">, quantity: Quantity): PlotSpec {
  return {
    lines: [{ stroke: () => palette.b }, { stroke: () => palette.a, width: 1.5 }],
    xTicks: timeTicks,
    yTicks: valueTicks,
    xLabels: quantity === "phase",
    overlay: (paper) => drawHoles(paper, live.lockin?.holes ?? NONE),
  };
}

function linesOf(view: LockinView, quantity: Quantity): Float32Array[] {
  return quantity === "amplitude" ? [view.amplitude_b, view.amplitude_a] : [view.phase_b_deg, view.phase_a_deg];
}

function valueTicks({ min, max }: Range, height_px: number): PlotTick[] {
  const step = roundStep((max - min) / Math.max(height_px / 24, 1));
  const ticks: PlotTick[] = [];
  for (let n = Math.ceil(min / step - 1e-6); n * step <= max + step * 1e-6; n++) {
    ticks.push({ at: n * step, label: String(Number((n * step).toPrecision(6))).replace("-", "−") });
  }
  return ticks;
}
