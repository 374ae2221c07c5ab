// Waterfall below the spectrum, on the same frequency axis: newest on top, time without data hatched.

import { useEffect, useMemo, useRef, useState } from "react";
import { infernoTable } from "../plot/colormap";
import { type WaterfallPainter } from "../plot/waterfall-painter";
import { waterfallPainter } from "../plot/waterfall";
import { ROWS } from "../plot/waterfall-history";
import { ROW_SPECTRA, type Settings, settings } from "../settings";
import { useStore } from "../store";
import { roundStep } from "../stream/frequency-axis";
import type { Facts, Live } from "../stream/live";
import { onTheme, palette } from "../theme";
import { Choice, Panel } from "./controls";
import { fixed } from "./format";

const CHANNELS = [
  { value: "a", text: "A" },
  { value: "b", text: "B" },
] as const;
const SPEEDS = ROW_SPECTRA.map((value) => ({ value, text: value === 1 ? "1 spectrum" : `${value} spectra` }));

/** Time label at a distance from the top. */
interface TimeTick {
  top_px: number;
  text: string;
}

export function WaterfallPanel({ live, facts }: { live: Live; facts: Facts }) {
  const chosen = useStore(settings);
  const mono = facts.head?.channels === 1;
  const [height_px, setHeight] = useState(0);
  useEffect(() => live.show({ spectra_per_row: chosen.spectra_per_row }), [live, chosen.spectra_per_row]);
  const channel = mono ? "a" : chosen.waterfall_channel;
  const ticks = useMemo(() => timeTicks(facts.row_ms, height_px), [facts.row_ms, height_px]);
  return (
    <Panel title="Waterfall" className="waterfall" tools={<Tools chosen={chosen} mono={mono} />}>
      <p className="sr-only">
        Levels of channel {channel.toUpperCase()} over frequency and time, newest on top; the numbers stand at the spectrum.
      </p>
      <div className="waterfall-body">
        <div className="time-axis" aria-hidden="true">
          {ticks.map((tick) => (
            <span key={tick.text} style={{ top: `${tick.top_px}px` }}>
              {tick.text}
            </span>
          ))}
        </div>
        <WaterfallCanvas live={live} channel={channel} wish={chosen.painter} onHeight={setHeight} />
      </div>
    </Panel>
  );
}

function Tools({ chosen, mono }: { chosen: Settings; mono: boolean }) {
  return (
    <div className="tools">
      <ColorScale floor_db={chosen.floor_db} top_db={chosen.top_db} />
      <Choice
        label="Row"
        value={chosen.spectra_per_row}
        options={SPEEDS}
        onChange={(spectra_per_row) => settings.update({ spectra_per_row })}
      />
      {!mono && (
        <Choice
          label="Channel"
          value={chosen.waterfall_channel}
          options={CHANNELS}
          onChange={(waterfall_channel) => settings.update({ waterfall_channel })}
        />
      )}
    </div>
  );
}

function ColorScale({ floor_db, top_db }: { floor_db: number; top_db: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    context?.putImageData(new ImageData(new Uint8ClampedArray(infernoTable()), 256, 1), 0, 0);
  }, []);
  return (
    <span className="color-scale" aria-hidden="true">
      {fixed(floor_db, 0)}
      <canvas ref={canvas} width={256} height={1} />
      {fixed(top_db, 0)} dBFS
    </span>
  );
}

interface CanvasProps {
  live: Live;
  channel: "a" | "b";
  wish: Settings["painter"];
  onHeight: (height_px: number) => void;
}

function WaterfallCanvas({ live, channel, wish, onHeight }: CanvasProps) {
  const host = useRef<HTMLDivElement>(null);
  const shown = useRef(channel);
  useEffect(() => {
    shown.current = channel;
    live.loop.invalidate();
  }, [live, channel]);
  useEffect(() => {
    const box = host.current;
    if (box === null) return;
    // A canvas of its own per effect: once disposed, its context cannot be used again.
    const canvas = document.createElement("canvas");
    box.append(canvas);
    const painter = waterfallPainter(canvas, wish);
    const stopDrawing = live.loop.add(() => paint(live, canvas, painter, shown.current));
    const stopTheme = onTheme(() => live.loop.invalidate());
    const observer = new ResizeObserver(() => {
      canvas.width = Math.max(1, Math.round(box.clientWidth * devicePixelRatio));
      canvas.height = Math.max(1, Math.round(box.clientHeight * devicePixelRatio));
      onHeight(box.clientHeight);
      live.loop.invalidate();
    });
    observer.observe(box);
    return () => {
      observer.disconnect();
      stopTheme();
      stopDrawing();
      painter.dispose();
      canvas.remove();
    };
  }, [live, wish, onHeight]);
  return <div className="waterfall-canvas" ref={host} />;
}

/** Device pixels per row: as few as show no more rows than are kept. */
const rowPixels = (height_px: number) => Math.max(1, Math.ceil(height_px / ROWS));

function paint(live: Live, canvas: HTMLCanvasElement, painter: WaterfallPainter, channel: "a" | "b"): void {
  const { spectrum, history } = live;
  if (spectrum === null) return;
  const { floor_db, top_db } = settings.get();
  const { width: width_px, height: height_px } = canvas;
  const { hole, panel: empty } = palette;
  const row_px = rowPixels(height_px);
  painter.paint(history, { axis: spectrum.axis, channel, floor_db, top_db, width_px, height_px, row_px, hole, empty });
}

function timeTicks(row_ms: number, height_px: number): TimeTick[] {
  if (row_ms <= 0 || height_px <= 0) return [];
  const row_px = rowPixels(height_px * devicePixelRatio) / devicePixelRatio;
  const px_per_s = (row_px * 1000) / row_ms;
  const step_s = roundStep(44 / px_per_s);
  const ticks: TimeTick[] = [];
  for (let age_s = 0; age_s * px_per_s < height_px - 8; age_s += step_s) {
    ticks.push({ top_px: age_s * px_per_s, text: `${age_s === 0 ? "" : "−"}${Number(age_s.toPrecision(6))} s` });
  }
  return ticks;
}
