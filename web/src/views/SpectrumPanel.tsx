// Spectrum of both channels over the band, with the peak of each and a cursor for pointer and keyboard.

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Calibration } from "../api/types";
import { lineChart } from "../plot/line-chart";
import { type LinePlot, type PlotSpec, type PlotTick, type Range } from "../plot/uplot";
import { settings } from "../settings";
import { useStore } from "../store";
import { spectralFeed } from "../stream/analysis";
import { FRAMES } from "../stream/feeds";
import { frequencyTicks } from "../stream/frequency-axis";
import { DBFS } from "../stream/level-unit";
import type { Facts, Live } from "../stream/live";
import type { SpectrumView } from "../stream/spectrum-view";
import { palette } from "../theme";
import { ChartHost } from "./ChartHost";
import { Panel } from "./controls";
import { fixed, frequency, level, withUnit } from "./format";
import { sampleRate } from "./known";
import { NoSamples } from "./NoSamples";
import { besidePeaks, listsBoth, PeakTable } from "./PeakTable";
import { PausedMark } from "./PausedMark";
import { SpectrumCursor } from "./spectrum-cursor";
import { drawPeaks } from "./spectrum-peaks";
import { SpectrumTools } from "./SpectrumTools";

interface SpectrumPanelProps {
  live: Live;
  facts: Facts;
  /** Null while nobody knows. */
  calibration: Calibration | null;
}

export function SpectrumPanel({ live, facts, calibration }: SpectrumPanelProps) {
  const chosen = useStore(settings);
  const { scale, lo_hz, hi_hz, hold } = chosen;
  const level_unit = facts.spectrum?.level ?? DBFS;
  const [columns, setColumns] = useState(800);
  const cursor = useMemo(() => new SpectrumCursor(live), [live]);
  const readout = useRef<HTMLOutputElement>(null);
  useEffect(() => {
    live.show({ spectrum: { scale, lo_hz, hi_hz, hold, columns } });
  }, [live, scale, lo_hz, hi_hz, hold, columns]);
  useEffect(() => live.show({ feeds: { audio: FRAMES, spectral: spectralFeed(chosen) } }), [live, chosen]);
  useEffect(() => live.loop.add(() => cursor.write(readout.current)), [live, cursor]);
  const make = useCallback(
    (box: HTMLElement) =>
      lineChart(box, { spec: spectrumSpec(live, cursor), drawer: () => spectrumDraw(live, cursor), onWidth: setColumns }),
    [live, cursor],
  );
  return (
    <Panel
      title="Spectrum"
      className={`spectrum ${besidePeaks(facts, chosen)}`}
      tools={<SpectrumTools sample_rate={sampleRate(facts)} origin_db={level_unit.origin_db} calibration={calibration} />}
    >
      <p className="sr-only" id="spectrum-summary">
        {summary(facts)}
      </p>
      <div className="readouts">
        {facts.spectrum && <PeakReadout channel="A" peak={facts.peak_a} unit={level_unit.label} />}
        {facts.spectrum?.b && <PeakReadout channel="B" peak={facts.peak_b} unit={level_unit.label} />}
        <output className="cursor-readout" aria-live="off" ref={readout} />
        {facts.spectrum && <Resolution {...facts.spectrum} />}
      </div>
      <div className="spectrum-body">
        <CursorBox live={live} cursor={cursor}>
          <ChartHost live={live} className="plot" make={make} />
          <NoSamples facts={facts} stream="spectral" empty={facts.spectrum === null} />
          <PausedMark facts={facts} />
        </CursorBox>
        {chosen.peaks > 0 && (
          <PeakTable
            peaks={facts.spectrum?.peaks ?? null}
            stereo={listsBoth(facts)}
            unit={level_unit.sine_label}
            rows={chosen.peaks}
            onChoose={(hz) => cursor.set(hz)}
          />
        )}
      </div>
    </Panel>
  );
}

function PeakReadout({ channel, peak, unit }: { channel: "A" | "B"; peak: Facts["peak_a"]; unit: string }) {
  return (
    <span className={`peak peak-${channel.toLowerCase()}`} title="At the loudest bin of the band; frequency and level interpolated between bins for a single sine">
      <span className="peak-name">peak {channel}</span>
      <strong>{frequency(peak?.hz)}</strong>
      <span>{peak && `${level(peak.level_db)} ${unit}`}</span>
    </span>
  );
}

function Resolution({ bin_hz, window, enbw_hz, size, overlap, averages }: NonNullable<Facts["spectrum"]>) {
  const title =
    "Distance of two bins; window function and its equivalent noise bandwidth; length of the transform; overlap of windows; spectra in the average so far, with exponential averaging as many as whose plain mean would scatter as much";
  return (
    <span className="resolution" title={title}>
      Δf {withUnit(bin_hz, 2, "Hz")} · {window} · ENBW {withUnit(enbw_hz, 2, "Hz")} · N {size}
      {overlap !== null && ` · overlap ${fixed(overlap * 100, 0)} %`}
      {averages !== null && ` · n = ${fixed(averages, Number.isInteger(averages) ? 0 : 1)}`}
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
    const origin_db = spectrum?.level.origin_db ?? 0;
    const range = `${floor_db}/${top_db}`;
    if (spectrum !== null && (spectrum !== drawn || range !== drawn_range)) {
      drawn = spectrum;
      drawn_range = range;
      const { x, a, b, hold_a, hold_b } = spectrum;
      const yRange = { min: floor_db + origin_db, max: top_db + origin_db };
      const axes = [...Object.values(spectrum.axis), origin_db].join();
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
  const { label } = facts.spectrum.level;
  const b = facts.spectrum.b ? ` Peak of channel B: ${spoken(facts.peak_b, label)}.` : "";
  return `Peak of channel A: ${spoken(facts.peak_a, label)}.${b}`;
}

const spoken = (peak: Facts["peak_a"], unit: string) => (peak ? `${frequency(peak.hz)} at ${level(peak.level_db)} ${unit}` : "none");
