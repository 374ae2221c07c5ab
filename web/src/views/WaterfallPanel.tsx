// Waterfall below the spectrum, on the same frequency axis: newest on top, time without data hatched.

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { COLOR_MAPS, type ColorMap, colorTable } from "../plot/colormap";
import { rowPixels, waterfallChart, type WaterfallScene } from "../plot/waterfall-chart";
import { ROW_SPECTRA, type Settings, settings } from "../settings";
import { useStore } from "../store";
import { roundStep } from "../stream/frequency-axis";
import { DBFS, type LevelUnit } from "../stream/level-unit";
import type { Facts, Live } from "../stream/live";
import { ChartHost } from "./ChartHost";
import { ChartMarks } from "./ChartMarks";
import { Choice, Panel } from "./controls";
import { CursorBox } from "./CursorBox";
import { fixed } from "./format";
import { knownChannels } from "./known";
import { besidePeaks } from "./PeakTable";
import type { WaterfallCursor } from "./waterfall-cursor";
import { WaterfallCross } from "./WaterfallCross";

const CHANNELS = [
  { value: "a", text: "A" },
  { value: "b", text: "B" },
] as const;
const MAPS = COLOR_MAPS.map((value) => ({ value, text: value }));
const SPEEDS = ROW_SPECTRA.map((value) => ({ value, text: value === 1 ? "1 spectrum" : `${value} spectra` }));

/** Time label at a distance from the top. */
interface TimeTick {
  top_px: number;
  text: string;
}

interface WaterfallPanelProps {
  live: Live;
  facts: Facts;
  cursor: WaterfallCursor;
}

export function WaterfallPanel({ live, facts, cursor }: WaterfallPanelProps) {
  const chosen = useStore(settings);
  const { painter } = chosen;
  const stereo = knownChannels(facts) === 2;
  const [height_px, setHeight] = useState(0);
  useEffect(() => live.show({ spectra_per_row: chosen.spectra_per_row }), [live, chosen.spectra_per_row]);
  const make = useCallback(
    (box: HTMLElement) => waterfallChart(box, { painter, scene: () => scene(live), onHeight: setHeight }),
    [live, painter],
  );
  const ticks = useMemo(() => timeTicks(facts.row_ms, height_px), [facts.row_ms, height_px]);
  return (
    <Panel
      title="Waterfall"
      className={`waterfall ${besidePeaks(facts, chosen)}`}
      tools={<Tools chosen={chosen} stereo={stereo} level={facts.row_level ?? facts.spectrum?.level ?? DBFS} />}
    >
      <p className="sr-only" id="waterfall-summary">
        {summary(facts, stereo ? chosen.waterfall_channel : "a")}
      </p>
      <CursorBox
        className="waterfall-body"
        label="Waterfall with time and frequency cursor"
        describedBy="waterfall-summary"
        live={live}
        cursor={cursor}
        marks={<ChartMarks facts={facts} stream="spectral" empty={facts.spectrum === null} />}
      >
        <div className="time-axis" aria-hidden="true">
          {ticks.map((tick) => (
            <span key={tick.text} style={{ top: `${tick.top_px}px` }}>
              {tick.text}
            </span>
          ))}
        </div>
        <ChartHost live={live} className="waterfall-canvas" make={make} />
        <WaterfallCross live={live} cursor={cursor} />
      </CursorBox>
    </Panel>
  );
}

function Tools({ chosen, stereo, level }: { chosen: Settings; stereo: boolean; level: LevelUnit }) {
  return (
    <div className="tools">
      <ColorScale
        map={chosen.color_map}
        floor_db={chosen.floor_db + level.origin_db}
        top_db={chosen.top_db + level.origin_db}
        unit={level.label}
      />
      <Choice label="Colours" value={chosen.color_map} options={MAPS} onChange={(color_map) => settings.update({ color_map })} />
      <Choice
        label="Row"
        value={chosen.spectra_per_row}
        options={SPEEDS}
        onChange={(spectra_per_row) => settings.update({ spectra_per_row })}
      />
      {stereo && (
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

interface ColorScaleProps {
  map: ColorMap;
  floor_db: number;
  top_db: number;
  unit: string;
}

function ColorScale({ map, floor_db, top_db, unit }: ColorScaleProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    context?.putImageData(new ImageData(new Uint8ClampedArray(colorTable(map)), 256, 1), 0, 0);
  }, [map]);
  return (
    <span className="color-scale" aria-hidden="true">
      {fixed(floor_db, 0)}
      <canvas ref={canvas} width={256} height={1} />
      {fixed(top_db, 0)} {unit}
    </span>
  );
}

/** What the painter is to show; null before the first spectrum. */
function scene({ spectrum, history, head }: Live): WaterfallScene | null {
  if (spectrum === null || history.cells === 0) return null;
  const { floor_db, top_db, waterfall_channel, color_map } = settings.get();
  return { history, axis: spectrum.axis, channel: head?.channels === 2 ? waterfall_channel : "a", color_map, floor_db, top_db };
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

function summary({ spectrum }: Facts, channel: "a" | "b"): string {
  if (spectrum === null) return "No waterfall yet.";
  return `Levels of channel ${channel.toUpperCase()} over frequency and time, newest on top; the numbers stand at the spectrum.`;
}
