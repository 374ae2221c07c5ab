// The lines of the waterfall's cursor over its picture, and the pointer that moves it. Moved by the draw loop, not by React.

import { useEffect, useRef } from "react";
import { rowPixels } from "../plot/waterfall-chart";
import type { Live } from "../stream/live";
import type { WaterfallCursor } from "./waterfall-cursor";

export function WaterfallCross({ live, cursor }: { live: Live; cursor: WaterfallCursor }) {
  const box = useRef<HTMLDivElement>(null);
  const across = useRef<HTMLDivElement>(null);
  const down = useRef<HTMLDivElement>(null);
  useEffect(
    () =>
      live.loop.add(() => {
        const { place } = cursor;
        box.current?.classList.toggle("on", place !== null);
        if (place === null || !box.current || !across.current || !down.current) return;
        const { clientWidth, clientHeight } = box.current;
        across.current.style.transform = `translateY(${(place.age + 0.5) * rowCssPixels(clientHeight)}px)`;
        down.current.style.transform = `translateX(${place.position * clientWidth}px)`;
      }),
    [live, cursor],
  );
  const onPointerMove = ({ clientX, clientY }: React.PointerEvent) => {
    if (box.current === null) return;
    const { left, top, width, height } = box.current.getBoundingClientRect();
    const position = Math.min(Math.max((clientX - left) / width, 0), 1);
    cursor.point({ position, age: Math.max(Math.floor((clientY - top) / rowCssPixels(height)), 0) });
  };
  return (
    <div className="waterfall-cross" ref={box} onPointerMove={onPointerMove} onPointerLeave={() => cursor.point(null)} aria-hidden="true">
      <div className="across" ref={across} />
      <div className="down" ref={down} />
    </div>
  );
}

const rowCssPixels = (height_px: number): number => rowPixels(Math.round(height_px * devicePixelRatio)) / devicePixelRatio;
