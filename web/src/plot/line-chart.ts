// A line plot as a chart: draws when its data changed.

import type { Chart } from "./chart";
import { LinePlot, type PlotSpec } from "./uplot";

export interface LineChartOptions {
  spec: PlotSpec;
  /** Draws what is newest. Made for each plot anew, so that it may remember what that plot shows. */
  drawer: () => (plot: LinePlot) => void;
  onWidth?: ((width_px: number) => void) | undefined;
}

export function lineChart(box: HTMLElement, { spec, drawer, onWidth }: LineChartOptions): Chart {
  const plot = new LinePlot(box, spec);
  const draw = drawer();
  return {
    draw: () => draw(plot),
    repaint: () => plot.repaint(),
    resize: (width_px, height_px) => {
      plot.resize(width_px, height_px);
      onWidth?.(plot.innerWidth);
    },
    destroy: () => plot.destroy(),
  };
}
