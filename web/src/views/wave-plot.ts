// How a lane of the waveform is drawn: its line, axes, holes and marker.

import { AutoRange } from "../plot/auto-range";
import type { LinePlot, Paper, PlotSpec, PlotTick, Range } from "../plot/uplot";
import { settings } from "../settings";
import { roundStep } from "../stream/frequency-axis";
import type { Live } from "../stream/live";
import type { WaveView } from "../stream/wave-screen";
import { palette } from "../theme";
import { fixed } from "./format";
import { drawMarker } from "./plot-marker";
import type { WaveCursor } from "./wave-cursor";

/** Both lanes have the same amplitude axis, so that they can be compared. */
export class SharedGain {
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

export function laneDraw(live: Live, channel: "a" | "b", gain: SharedGain, cursor: WaveCursor): (plot: LinePlot) => void {
  let drawn: WaveView | null = null;
  let drawn_key = "";
  return (plot) => {
    const { wave } = live;
    if (wave === null) return;
    const half = gain.of(wave);
    const key = `${half}/${cursor.marker}`;
    if (wave !== drawn || key !== drawn_key) {
      drawn = wave;
      drawn_key = key;
      const { x, holes } = wave;
      const xRange = { min: wave.from_s, max: wave.to_s };
      plot.draw({ x, lines: [wave[channel]], holes, xRange, yRange: { min: -half, max: half }, axes: "" });
    }
    cursor.show(plot);
  };
}

export function laneSpec(live: Live, channel: "a" | "b", cursor: WaveCursor, last: boolean): PlotSpec {
  return {
    lines: [{ stroke: () => palette[channel] }],
    xTicks: timeTicks,
    yTicks: amplitudeTicks,
    xLabels: last,
    overlay: (paper) => {
      drawHoles(paper, live.wave?.holes ?? new Float32Array(0));
      drawMarker(paper, cursor.marker);
    },
    pointer: cursor,
  };
}

export function timeTicks(range: Range, width_px: number): PlotTick[] {
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

export function drawHoles({ context, x, top, height, ratio }: Paper, holes: Float32Array): void {
  for (let n = 0; n < holes.length; n += 2) {
    const from = x(holes[n] as number);
    const width = Math.max(x(holes[n + 1] as number) - from, ratio);
    context.fillStyle = palette.hole;
    context.fillRect(from, top, width, height);
  }
}
