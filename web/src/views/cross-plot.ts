// How the three charts of the cross-spectrum are drawn, on the spectrum's axis of frequencies.

import type { LinePlot, PlotSpec, PlotTick, Range } from "../plot/uplot";
import { settings } from "../settings";
import type { CrossView } from "../stream/cross-screen";
import { frequencyTicks } from "../stream/frequency-axis";
import type { Live } from "../stream/live";
import { palette } from "../theme";
import { levelTicks } from "./spectrum-plot";

export type CrossQuantity = "level_db" | "phase_deg" | "coherence";

const NONE = new Float32Array(0);

export function crossDraw(live: Pick<Live, "cross">, quantity: CrossQuantity): (plot: LinePlot) => void {
  let drawn: CrossView | null = null;
  let drawn_key = "";
  return (plot) => {
    const { cross } = live;
    const yRange = rangeOf(quantity);
    const key = `${yRange.min}/${yRange.max}`;
    if (cross === drawn && key === drawn_key) return;
    drawn = cross;
    drawn_key = key;
    const axes = `${key}/${cross ? Object.values(cross.axis).join() : ""}`;
    const holes = quantity === "phase_deg" ? (cross?.phase_holes ?? NONE) : NONE;
    plot.draw({ x: cross?.x ?? NONE, lines: [cross?.[quantity] ?? NONE], holes, xRange: { min: 0, max: 1 }, yRange, axes });
  };
}

export function crossSpec(live: Pick<Live, "cross">, quantity: CrossQuantity): PlotSpec {
  return {
    lines: [{ stroke: () => palette.text }],
    xTicks: (_range, width_px) => {
      const axis = live.cross?.axis;
      return axis ? frequencyTicks(axis, Math.max(3, width_px / 60)).map(({ position, label }) => ({ at: position, label })) : [];
    },
    yTicks: quantity === "level_db" ? levelTicks : quarterTicks,
    xLabels: true,
  };
}

function rangeOf(quantity: CrossQuantity): Range {
  const { floor_db, top_db } = settings.get();
  if (quantity === "level_db") return { min: floor_db, max: top_db };
  return quantity === "phase_deg" ? { min: -180, max: 180 } : { min: 0, max: 1 };
}

function quarterTicks({ min, max }: Range): PlotTick[] {
  return [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = min + share * (max - min);
    return { at, label: String(at).replace("-", "−") };
  });
}
