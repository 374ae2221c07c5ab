// A plot with a cursor: for the keyboard a slider, whose readout stands on the plot.

import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import type { Live } from "../stream/live";
import type { PlotCursor } from "./plot-cursor";

interface CursorBoxProps {
  live: Live;
  cursor: Pick<PlotCursor, "key" | "text" | "share" | "write">;
  className: string;
  label: string;
  describedBy: string;
  children: ReactNode;
  /** What stands on the plot and is told by itself; what a slider holds is not. */
  marks: ReactNode;
}

export function CursorBox({ live, cursor, className, label, describedBy, children, marks }: CursorBoxProps) {
  const [spoken, setSpoken] = useState({ now: 0, text: "no cursor" });
  const readout = useRef<HTMLOutputElement>(null);
  useEffect(() => live.loop.add(() => cursor.write(readout.current)), [live, cursor]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !cursor.key(event.key, event.shiftKey)) return;
    event.preventDefault();
    live.loop.invalidate();
    setSpoken({ now: Math.round(cursor.share() * 100), text: cursor.text() || "no cursor" });
  };
  return (
    <div className={className}>
      <div
        className="slider"
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- an input cannot hold a chart
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-describedby={describedBy}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={spoken.now}
        aria-valuetext={spoken.text}
        onKeyDown={onKeyDown}
      >
        {children}
      </div>
      {marks}
      <output className="cursor-readout" aria-live="off" ref={readout} />
    </div>
  );
}
