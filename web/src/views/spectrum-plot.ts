// How the spectrum's plot is drawn: its lines, axes, peaks and marker.

import type { LinePlot, Paper, PlotSpec, PlotTick, Range } from "../plot/uplot";
import { settings } from "../settings";
import { frequencyTicks, positionOf } from "../stream/frequency-axis";
import type { Live } from "../stream/live";
import type { SpectrumView } from "../stream/spectrum-view";
import { palette } from "../theme";
import { drawMarker } from "./plot-marker";
import type { SpectrumCursor } from "./spectrum-cursor";
import { drawPeaks } from "./spectrum-peaks";
import type { WaterfallCursor } from "./waterfall-cursor";

const MIN_DASH = [3, 2];

export function spectrumDraw(live: Live, cursor: SpectrumCursor, past: WaterfallCursor): (plot: LinePlot) => void {
  let drawn: SpectrumView | null = null;
  let drawn_key = "";
  return (plot) => {
    const { spectrum } = live;
    const { floor_db, top_db, waterfall_channel } = settings.get();
    const origin_db = spectrum?.level.origin_db ?? 0;
    const key = `${floor_db}/${top_db}/${cursor.marker}/${past.row}/${waterfall_channel}`;
    if (spectrum !== null && (spectrum !== drawn || key !== drawn_key)) {
      drawn = spectrum;
      drawn_key = key;
      const { x, a, b, hold_a, hold_b, min_a, min_b, kept_a, kept_b } = spectrum;
      const yRange = { min: floor_db + origin_db, max: top_db + origin_db };
      const axes = [...Object.values(spectrum.axis), origin_db].join();
      const then = past.trace(spectrum.axis, x, b ? waterfall_channel : "a");
      plot.draw({ x, lines: [hold_a, hold_b, min_a, min_b, b, a, kept_b, kept_a, then], xRange: { min: 0, max: 1 }, yRange, axes });
    }
    cursor.show(plot);
  };
}

export function spectrumSpec(live: Live, cursor: SpectrumCursor): PlotSpec {
  return {
    lines: [
      { stroke: () => palette.hold_a },
      { stroke: () => palette.hold_b },
      { stroke: () => palette.min_a, dash: MIN_DASH },
      { stroke: () => palette.min_b, dash: MIN_DASH },
      { stroke: () => palette.b },
      { stroke: () => palette.a },
      { stroke: () => palette.kept_b },
      { stroke: () => palette.kept_a },
      { stroke: () => palette.past },
    ],
    xTicks: (_range, width_px) => {
      const axis = live.spectrum?.axis;
      return axis ? frequencyTicks(axis, Math.max(3, width_px / 60)).map(({ position, label }) => ({ at: position, label })) : [];
    },
    yTicks: levelTicks,
    xLabels: true,
    overlay: (paper) => drawOverlay(paper, live.spectrum, cursor.marker),
    pointer: cursor,
  };
}

function drawOverlay(paper: Paper, spectrum: SpectrumView | null, marker_hz: number | null): void {
  drawPeaks(paper, spectrum);
  if (spectrum && marker_hz !== null) drawMarker(paper, positionOf(spectrum.axis, marker_hz));
}

export function levelTicks({ min, max }: Range, height_px: number): PlotTick[] {
  const step_db = height_px > 180 ? 10 : 20;
  const ticks: PlotTick[] = [];
  for (let db = Math.ceil(min / step_db) * step_db; db <= max; db += step_db) {
    ticks.push({ at: db, label: db % 20 === 0 ? String(db).replace("-", "−") : "" });
  }
  return ticks;
}
