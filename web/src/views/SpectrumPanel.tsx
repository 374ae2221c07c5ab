// Spectrum of both channels over the band, with the peak of each and a cursor for pointer and keyboard.

import { useCallback, useEffect, useMemo, useState } from "react";
import type { Calibration } from "../api/types";
import { lineChart } from "../plot/line-chart";
import { settings } from "../settings";
import { useStore } from "../store";
import { DBFS } from "../stream/level-unit";
import type { Facts, Live } from "../stream/live";
import { ChartHost } from "./ChartHost";
import { ChartMarks } from "./ChartMarks";
import { Panel } from "./controls";
import { CursorBox } from "./CursorBox";
import { fixed, frequency, level, withUnit } from "./format";
import { besidePeaks, listsBoth, PeakTable } from "./PeakTable";
import { SpectrumCursor } from "./spectrum-cursor";
import { spectrumDraw, spectrumSpec } from "./spectrum-plot";
import { SpectrumTools } from "./SpectrumTools";
import type { WaterfallCursor } from "./waterfall-cursor";

interface SpectrumPanelProps {
  live: Live;
  facts: Facts;
  /** The waterfall's cursor, whose row is drawn too. */
  past: WaterfallCursor;
  /** Null while nobody knows. */
  calibration: Calibration | null;
}

export function SpectrumPanel({ live, facts, past, calibration }: SpectrumPanelProps) {
  const chosen = useStore(settings);
  const { scale, lo_hz, hi_hz, hold, hold_min } = chosen;
  const level_unit = facts.spectrum?.level ?? DBFS;
  const [columns, setColumns] = useState(800);
  const cursor = useMemo(() => new SpectrumCursor(live), [live]);
  useEffect(() => {
    live.show({ spectrum: { scale, lo_hz, hi_hz, hold, hold_min, columns } });
  }, [live, scale, lo_hz, hi_hz, hold, hold_min, columns]);
  const make = useCallback(
    (box: HTMLElement) =>
      lineChart(box, { spec: spectrumSpec(live, cursor), drawer: () => spectrumDraw(live, cursor, past), onWidth: setColumns }),
    [live, cursor, past],
  );
  return (
    <Panel
      title="Spectrum"
      className={`spectrum ${besidePeaks(facts, chosen)}`}
      tools={<SpectrumTools live={live} facts={facts} calibration={calibration} />}
    >
      <p className="sr-only" id="spectrum-summary">
        {summary(facts)}
      </p>
      <div className="readouts">
        {facts.spectrum && <PeakReadout channel="A" peak={facts.peak_a} unit={level_unit.label} />}
        {facts.spectrum?.b && <PeakReadout channel="B" peak={facts.peak_b} unit={level_unit.label} />}
        {facts.spectrum && <Resolution {...facts.spectrum} />}
      </div>
      <div className="spectrum-body">
        <CursorBox
          className="cursor-box"
          label="Spectrum with frequency cursor"
          describedBy="spectrum-summary"
          live={live}
          cursor={cursor}
          marks={<ChartMarks facts={facts} stream="spectral" empty={facts.spectrum === null} />}
        >
          <ChartHost live={live} className="plot" make={make} />
        </CursorBox>
        {chosen.peaks > 0 && (
          <PeakTable
            peaks={facts.spectrum?.peaks ?? null}
            stereo={listsBoth(facts)}
            unit={level_unit.sine_label}
            rows={chosen.peaks}
            onChoose={(hz) => cursor.goTo(hz)}
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
  // Where there is no room for all, what changes comes first.
  const parts = [
    averages === null ? null : `n = ${fixed(averages, Number.isInteger(averages) ? 0 : 1)}`,
    `Δf ${withUnit(bin_hz, 2, "Hz")}`,
    window,
    `ENBW ${withUnit(enbw_hz, 2, "Hz")}`,
    `N ${size}`,
    overlap === null ? null : `overlap ${fixed(overlap * 100, 0)} %`,
  ];
  const text = parts.filter((part) => part !== null).join(" · ");
  const meaning =
    "Spectra in the average so far, with exponential averaging as many as whose plain mean would scatter as much; distance of two bins; window function and its equivalent noise bandwidth; length of the transform; overlap of windows";
  return (
    <span className="resolution" title={`${text}\n${meaning}`}>
      {text}
    </span>
  );
}

function summary(facts: Facts): string {
  if (facts.spectrum === null) return "No spectrum yet.";
  const { label } = facts.spectrum.level;
  const b = facts.spectrum.b ? ` Peak of channel B: ${spoken(facts.peak_b, label)}.` : "";
  return `Peak of channel A: ${spoken(facts.peak_a, label)}.${b}`;
}

const spoken = (peak: Facts["peak_a"], unit: string) => (peak ? `${frequency(peak.hz)} at ${level(peak.level_db)} ${unit}` : "none");
