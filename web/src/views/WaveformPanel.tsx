// Waveform of both channels, one lane each, as minimum and maximum per pixel column.

import { useCallback, useEffect, useMemo, useState } from "react";
import { lineChart } from "../plot/line-chart";
import { type Settings, settings, SPANS_MS } from "../settings";
import { useStore } from "../store";
import type { Facts, Live } from "../stream/live";
import { ChartHost } from "./ChartHost";
import { ChartMarks } from "./ChartMarks";
import { Choice, Panel, Toggle } from "./controls";
import { CursorBox } from "./CursorBox";
import { level } from "./format";
import { drawnChannels } from "./known";
import { WaveCursor } from "./wave-cursor";
import { laneDraw, laneSpec, SharedGain } from "./wave-plot";

const SPANS = SPANS_MS.map((value) => ({ value, text: value < 1000 ? `${value} ms` : `${value / 1000} s` }));

export function WaveformPanel({ live, facts }: { live: Live; facts: Facts }) {
  const chosen = useStore(settings);
  const [columns, setColumns] = useState(800);
  const gain = useMemo(() => new SharedGain(), []);
  const cursor = useMemo(() => new WaveCursor(live), [live]);
  const stereo = drawnChannels(facts) === 2;
  useEffect(() => {
    live.show({ wave: { span_ms: chosen.span_ms, trigger: chosen.trigger, columns } });
  }, [live, chosen.span_ms, chosen.trigger, columns]);
  return (
    <Panel title="Waveform" className="waveform" tools={<Tools chosen={chosen} facts={facts} />}>
      <p className="sr-only" id="waveform-summary">
        {summary(facts)}
      </p>
      <CursorBox
        className="lanes"
        label="Waveform with time cursor"
        describedBy="waveform-summary"
        live={live}
        cursor={cursor}
        marks={<ChartMarks facts={facts} stream="audio" empty={facts.head === null} />}
      >
        <Lane live={live} channel="a" {...{ gain, cursor }} last={!stereo} onWidth={setColumns} />
        {stereo && <Lane live={live} channel="b" {...{ gain, cursor }} last />}
      </CursorBox>
    </Panel>
  );
}

function Tools({ chosen, facts }: { chosen: Settings; facts: Facts }) {
  const searching = chosen.trigger && facts.wave?.triggered === false;
  return (
    <div className="tools">
      {drawnChannels(facts) === 1 && <span className="note">mono source: no channel B</span>}
      {searching && <span className="note">no rising edge found, rolling</span>}
      <Choice label="Span" value={chosen.span_ms} options={SPANS} onChange={(span_ms) => settings.update({ span_ms })} />
      <Toggle
        pressed={chosen.trigger}
        title="Start each sweep at a rising zero crossing of channel A (T)"
        onChange={(trigger) => settings.update({ trigger })}
      >
        Trigger A ↗
      </Toggle>
      <Toggle
        pressed={chosen.auto_gain}
        title="Let the amplitude axis follow the signal instead of showing full scale (G)"
        onChange={(auto_gain) => settings.update({ auto_gain })}
      >
        Auto gain
      </Toggle>
    </div>
  );
}

interface LaneProps {
  live: Live;
  channel: "a" | "b";
  gain: SharedGain;
  cursor: WaveCursor;
  last: boolean;
  onWidth?: (width_px: number) => void;
}

function Lane({ live, channel, gain, cursor, last, onWidth }: LaneProps) {
  const spec = useMemo(() => laneSpec(live, channel, cursor, last), [live, channel, cursor, last]);
  const make = useCallback(
    (box: HTMLElement) => lineChart(box, { spec, drawer: () => laneDraw(live, channel, gain, cursor), onWidth }),
    [live, channel, gain, cursor, spec, onWidth],
  );
  return (
    <div className={`lane lane-${channel}`}>
      <span className="lane-name" aria-hidden="true">
        {channel.toUpperCase()}
      </span>
      <ChartHost live={live} className="plot" make={make} />
    </div>
  );
}

function summary({ levels, head }: Facts): string {
  if (levels === null || head === null) return "No waveform yet.";
  const b = levels.b ? `, channel B ${level(levels.b.peak_db)}` : "; the source is mono";
  return `Peak of channel A ${level(levels.a.peak_db)} dBFS${b}.`;
}
