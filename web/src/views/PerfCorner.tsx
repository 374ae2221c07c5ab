// What this page costs, with `?perf` in the address: main-thread time per frame and heap.

import { useEffect, useState } from "react";
import type { FrameCost } from "../plot/frame-cost";
import { fixed, UNKNOWN, withUnit } from "./format";

/** Chromium only; other browsers do not tell. */
interface HeapPerformance extends Performance {
  memory?: { usedJSHeapSize: number };
}

export function PerfCorner({ cost }: { cost: FrameCost }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  const { summary } = cost;
  const heap_bytes = (performance as HeapPerformance).memory?.usedJSHeapSize;
  return (
    <aside className="perf" aria-label="Cost of this page">
      frame {fixed(summary?.median_ms, 2)} ms median, {fixed(summary?.p95_ms, 2)} ms p95 · {summary?.frames ?? UNKNOWN} frames ·
      heap {withUnit(heap_bytes === undefined ? null : heap_bytes / 1e6, 1, "MB")}
    </aside>
  );
}
