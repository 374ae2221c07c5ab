// A line plot in React's tree: made once, drawn by the loop, resized with its box. React does not take part in drawing.

import { useEffect, useRef } from "react";
import { LinePlot, type PlotSpec } from "../plot/uplot";
import type { Live } from "../stream/live";
import { onTheme } from "../theme";

interface PlotHostProps {
  live: Live;
  /** Must not change between renders. */
  spec: PlotSpec;
  /** Draws what is newest; called for every picture. Must not change between renders. */
  draw: (plot: LinePlot) => void;
  onWidth?: (width_px: number) => void;
}

export function PlotHost({ live, spec, draw, onWidth }: PlotHostProps) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = host.current;
    if (box === null) return;
    const plot = new LinePlot(box, spec);
    const stopDrawing = live.loop.add(() => draw(plot));
    const stopTheme = onTheme(() => plot.repaint());
    const observer = new ResizeObserver(() => {
      plot.resize(box.clientWidth, box.clientHeight);
      onWidth?.(plot.innerWidth);
      live.loop.invalidate();
    });
    observer.observe(box);
    return () => {
      observer.disconnect();
      stopTheme();
      stopDrawing();
      plot.destroy();
    };
  }, [live, spec, draw, onWidth]);
  return <div className="plot" ref={host} aria-hidden="true" />;
}
