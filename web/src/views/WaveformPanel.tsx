// Waveform of both channels, one lane each, as minimum and maximum per pixel column.

import { useCallback, useEffect, useMemo, useState } from "react";
import { AutoRange } from "../plot/auto-range";
import { lineChart } from "../plot/line-chart";
import { type LinePlot, type Paper, type PlotSpec, type PlotTick, type Range } from "../plot/uplot";
import { type Settings, settings, SPANS_MS } from "../settings";
import { useStore } from "../store";
import { roundStep } from "../stream/frequency-axis";
import type { Facts, Live } from "../stream/live";
import type { WaveView } from "../stream/wave-screen";
import { palette } from "../theme";
import { ChartHost } from "./ChartHost";
import { Choice, Panel, Toggle } from "./controls";
import { fixed, level } from "./format";
import { drawnChannels } from "./known";
import { NoSamples } from "./NoSamples";
import { PausedMark } from "./PausedMark";

const SPANS = SPANS_MS.map((value) => ({ value, text: value < 1000 ? `${value} ms` : `${value / 1000} s` }));

export function WaveformPanel({ live, facts }: { live: Live; facts: Facts }) {
  const chosen = useStore(settings);
  const [columns, setColumns] = useState(800);
  const gain = useMemo(() => new SharedGain(), []);
  const stereo = drawnChannels(facts) === 2;
  useEffect(() => {
    live.show({ wave: { span_ms: chosen.span_ms, trigger: chosen.trigger, columns } });
  }, [live, chosen.span_ms, chosen.trigger, columns]);
  return (
    <Panel title="Waveform" className="waveform" tools={<Tools chosen={chosen} facts={facts} />}>
      <p className="sr-only">{summary(facts)}</p>
      <div className="lanes">
        <Lane live={live} channel="a" gain={gain} last={!stereo} onWidth={setColumns} />
        {stereo && <Lane live={live} channel="b" gain={gain} last />}
        <NoSamples facts={facts} stream="audio" empty={facts.head === null} />
        <PausedMark facts={facts} />
      </div>
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
  last: boolean;
  onWidth?: (width_px: number) => void;
}

function Lane({ live, channel, gain, last, onWidth }: LaneProps) {
  const spec = useMemo(() => laneSpec(live, channel, last), [live, channel, last]);
  const make = useCallback(
    (box: HTMLElement) => lineChart(box, { spec, drawer: () => laneDraw(live, channel, gain), onWidth }),
    [live, channel, gain, spec, onWidth],
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

/** Both lanes have the same amplitude axis, so that they can be compared. */
class SharedGain {
  private readonly auto = new AutoRange();
  private wave: WaveView | null = null;
  private half = 1;

  of(wave: WaveView): number {
    if (wave !== this.wave) {
      this.wave = wave;
      const followed = this.auto.next(wave.largest);
      this.half = settings.get().auto_gain ? followed : 1;
    }
    return this.half;
  }
}

function laneDraw(live: Live, channel: "a" | "b", gain: SharedGain): (plot: LinePlot) => void {
  let drawn: WaveView | null = null;
  let drawn_half = 0;
  return (plot) => {
    const { wave } = live;
    if (wave === null) return;
    const half = gain.of(wave);
    if (wave === drawn && half === drawn_half) return;
    drawn = wave;
    drawn_half = half;
    const { x, holes } = wave;
    const xRange = { min: wave.from_s, max: wave.to_s };
    plot.draw({ x, lines: [wave[channel]], holes, xRange, yRange: { min: -half, max: half }, axes: "" });
  };
}

function laneSpec(live: Live, channel: "a" | "b", last: boolean): PlotSpec {
  return {
    lines: [{ stroke: () => palette[channel] }],
    xTicks: timeTicks,
    yTicks: amplitudeTicks,
    xLabels: last,
    overlay: (paper) => drawHoles(paper, live.wave?.holes ?? new Float32Array(0)),
  };
}

function timeTicks(range: Range, width_px: number): PlotTick[] {
  const step = roundStep(((range.max - range.min) * 90) / Math.max(width_px, 90));
  const [unit, factor] = range.max - range.min < 1 ? ["ms", 1000] : ["s", 1];
  const decimals = Math.max(0, -Math.floor(Math.log10(step * factor) + 1e-9));
  const ticks: PlotTick[] = [];
  for (let n = Math.ceil(range.min / step - 1e-6); n * step <= range.max + step * 1e-6; n++) {
    ticks.push({ at: n * step, label: `${fixed(n * step * factor, decimals)} ${unit}` });
  }
  return ticks;
}

function amplitudeTicks({ max }: Range): PlotTick[] {
  return [-1, -0.5, 0, 0.5, 1].map((share) => ({ at: share * max, label: share % 1 === 0 ? amplitude(share * max) : "" }));
}

const amplitude = (value: number) => String(Number(value.toPrecision(3))).replace("-", "−");

function drawHoles({ context, x, top, height, ratio }: Paper, holes: Float32Array): void {
  for (let n = 0; n < holes.length; n += 2) {
    const from = x(holes[n] as number);
    const width = Math.max(x(holes[n + 1] as number) - from, ratio);
    context.fillStyle = palette.hole;
    context.fillRect(from, top, width, height);
  }
}

function summary({ levels, head }: Facts): string {
  if (levels === null || head === null) return "No waveform yet.";
  const b = levels.b ? `, channel B ${level(levels.b.peak_db)}` : "; the source is mono";
  return `Peak of channel A ${level(levels.a.peak_db)} dBFS${b}.`;
}
