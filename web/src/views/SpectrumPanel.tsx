// Spectrum of both channels over the band, with the peak of each and a cursor for pointer and keyboard.

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { lineChart } from "../plot/line-chart";
import { type LinePlot, type PlotSpec, type PlotTick, type Range } from "../plot/uplot";
import { settings } from "../settings";
import { useStore } from "../store";
import { frequencyTicks } from "../stream/frequency-axis";
import type { Facts, Live } from "../stream/live";
import type { SpectrumView } from "../stream/spectrum-view";
import { palette } from "../theme";
import { ChartHost } from "./ChartHost";
import { Panel } from "./controls";
import { frequency, level, withUnit } from "./format";
import { sampleRate } from "./known";
import { NoSamples } from "./NoSamples";
import { PausedMark } from "./PausedMark";
import { SpectrumCursor } from "./spectrum-cursor";
import { drawPeaks } from "./spectrum-peaks";
import { SpectrumTools } from "./SpectrumTools";

export function SpectrumPanel({ live, facts }: { live: Live; facts: Facts }) {
  const { scale, lo_hz, hi_hz, hold } = useStore(settings);
  const [columns, setColumns] = useState(800);
  const cursor = useMemo(() => new SpectrumCursor(live), [live]);
  const readout = useRef<HTMLOutputElement>(null);
  useEffect(() => {
    live.show({ spectrum: { scale, lo_hz, hi_hz, hold, columns } });
  }, [live, scale, lo_hz, hi_hz, hold, columns]);
  useEffect(() => live.loop.add(() => cursor.write(readout.current)), [live, cursor]);
  const make = useCallback(
    (box: HTMLElement) =>
      lineChart(box, { spec: spectrumSpec(live, cursor), drawer: () => spectrumDraw(live, cursor), onWidth: setColumns }),
    [live, cursor],
  );
  return (
    <Panel title="Spectrum" className="spectrum" tools={<SpectrumTools sample_rate={sampleRate(facts)} />}>
      <p className="sr-only" id="spectrum-summary">
        {summary(facts)}
      </p>
      <div className="readouts">
        {facts.spectrum && <PeakReadout channel="A" peak={facts.peak_a} />}
        {facts.spectrum?.b && <PeakReadout channel="B" peak={facts.peak_b} />}
        <output className="cursor-readout" aria-live="off" ref={readout} />
        {facts.spectrum && <Resolution {...facts.spectrum} />}
      </div>
      <CursorBox live={live} cursor={cursor}>
        <ChartHost live={live} className="plot" make={make} />
        <NoSamples facts={facts} stream="spectral" empty={facts.spectrum === null} />
        <PausedMark facts={facts} />
      </CursorBox>
    </Panel>
  );
}

function PeakReadout({ channel, peak }: { channel: "A" | "B"; peak: Facts["peak_a"] }) {
  return (
    <span className={`peak peak-${channel.toLowerCase()}`} title="At the loudest bin of the band; frequency and level interpolated between bins for a single sine">
      <span className="peak-name">peak {channel}</span>
      <strong>{frequency(peak?.hz)}</strong>
      <span>{peak && `${level(peak.level_db)} dBFS`}</span>
    </span>
  );
}

function Resolution({ bin_hz, window, enbw_hz, size }: NonNullable<Facts["spectrum"]>) {
  const title = "Distance of two bins; window function and its equivalent noise bandwidth; length of the transform";
  return (
    <span className="resolution" title={title}>
      Δf {withUnit(bin_hz, 2, "Hz")} · {window} · ENBW {withUnit(enbw_hz, 2, "Hz")} · N {size}
    </span>
  );
}

interface CursorBoxProps {
  live: Live;
  cursor: SpectrumCursor;
  children: React.ReactNode;
}

/** Makes the plot a slider for the keyboard: arrows move the cursor from point to point. */
function CursorBox({ live, cursor, children }: CursorBoxProps) {
  const [spoken, setSpoken] = useState({ now: 0, text: "no cursor" });
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (!cursor.key(event.key, event.shiftKey)) return;
    event.preventDefault();
    live.loop.invalidate();
    setSpoken({ now: Math.round((cursor.position ?? 0) * 100), text: cursor.text() || "no cursor" });
  };
  return (
    <div
      className="cursor-box"
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- an input cannot hold a chart
      role="slider"
      tabIndex={0}
      aria-label="Spectrum with frequency cursor"
      aria-describedby="spectrum-summary"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={spoken.now}
      aria-valuetext={spoken.text}
      onKeyDown={onKeyDown}
    >
      {children}
    </div>
  );
}

function spectrumDraw(live: Live, cursor: SpectrumCursor): (plot: LinePlot) => void {
  let drawn: SpectrumView | null = null;
  let drawn_range = "";
  return (plot) => {
    const { spectrum } = live;
    const { floor_db, top_db } = settings.get();
    const range = `${floor_db}/${top_db}`;
    if (spectrum !== null && (spectrum !== drawn || range !== drawn_range)) {
      drawn = spectrum;
      drawn_range = range;
      const { x, a, b, hold_a, hold_b } = spectrum;
      const yRange = { min: floor_db, max: top_db };
      const axes = Object.values(spectrum.axis).join();
      plot.draw({ x, lines: [hold_a, hold_b, b, a], xRange: { min: 0, max: 1 }, yRange, axes });
    }
    cursor.show(plot);
  };
}

function spectrumSpec(live: Live, cursor: SpectrumCursor): PlotSpec {
  return {
    lines: [
      { stroke: () => palette.hold_a },
      { stroke: () => palette.hold_b },
      { stroke: () => palette.b },
      { stroke: () => palette.a },
    ],
    xTicks: (_range, width_px) => {
      const axis = live.spectrum?.axis;
      return axis ? frequencyTicks(axis, Math.max(3, width_px / 60)).map(({ position, label }) => ({ at: position, label })) : [];
    },
    yTicks: levelTicks,
    xLabels: true,
    overlay: (paper) => drawPeaks(paper, live.spectrum),
    onCursor: (position) => cursor.point(position),
  };
}

function levelTicks({ min, max }: Range, height_px: number): PlotTick[] {
  const step_db = height_px > 180 ? 10 : 20;
  const ticks: PlotTick[] = [];
  for (let db = Math.ceil(min / step_db) * step_db; db <= max; db += step_db) {
    ticks.push({ at: db, label: db % 20 === 0 ? String(db).replace("-", "−") : "" });
  }
  return ticks;
}

function summary(facts: Facts): string {
  if (facts.spectrum === null) return "No spectrum yet.";
  const b = facts.spectrum.b ? ` Peak of channel B: ${spoken(facts.peak_b)}.` : "";
  return `Peak of channel A: ${spoken(facts.peak_a)}.${b}`;
}

const spoken = (peak: Facts["peak_a"]) => (peak ? `${frequency(peak.hz)} at ${level(peak.level_db)} dBFS` : "none");
