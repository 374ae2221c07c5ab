// A chart in React's tree: made once, drawn by the loop, resized with its box. React does not take part in drawing.

import { useEffect, useRef } from "react";
import type { Chart } from "../plot/chart";
import type { Live } from "../stream/live";
import { onTheme } from "../theme";

interface ChartHostProps {
  live: Live;
  className: string;
  /** Makes the chart in its box; must not change between renders. */
  make: (box: HTMLElement) => Chart;
}

export function ChartHost({ live, className, make }: ChartHostProps) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = host.current;
    if (box === null) return;
    const chart = make(box);
    const stopDrawing = live.loop.add(() => chart.draw());
    const stopTheme = onTheme(() => {
      chart.repaint();
      live.loop.invalidate();
    });
    const observer = new ResizeObserver(() => {
      chart.resize(box.clientWidth, box.clientHeight);
      live.loop.invalidate();
    });
    observer.observe(box);
    return () => {
      observer.disconnect();
      stopTheme();
      stopDrawing();
      chart.destroy();
    };
  }, [live, make]);
  return <div className={className} ref={host} aria-hidden="true" />;
}
