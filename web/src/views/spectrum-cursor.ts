// The spectrum's cursor and marker: frequency, levels of both channels, and their differences.

import { frequencyAt, positionOf } from "../stream/frequency-axis";
import type { Live } from "../stream/live";
import type { SpectrumView } from "../stream/spectrum-view";
import { frequency, level, signed, UNKNOWN } from "./format";
import { PlotCursor } from "./plot-cursor";

export class SpectrumCursor extends PlotCursor {
  constructor(private readonly live: Pick<Live, "spectrum" | "loop">) {
    super(() => live.loop.invalidate());
  }

  protected points(): Float32Array | null {
    return this.live.spectrum?.x ?? null;
  }

  protected ends(): { min: number; max: number } {
    return { min: 0, max: 1 };
  }

  protected valueAt(position: number): number {
    return this.live.spectrum ? frequencyAt(this.live.spectrum.axis, position) : 0;
  }

  protected positionOf(hz: number): number {
    return this.live.spectrum ? positionOf(this.live.spectrum.axis, hz) : 0;
  }

  protected target(): number | null {
    const { spectrum } = this.live;
    return spectrum?.peak_a ? positionOf(spectrum.axis, spectrum.peak_a.hz) : null;
  }

  protected lines(cursor: number | null, marker: number | null): string[] {
    const { spectrum } = this.live;
    if (spectrum === null) return [];
    const lines: string[] = [];
    if (cursor !== null) lines.push(line("cursor", this.hzOf(spectrum, cursor), spectrum, cursor));
    if (this.marker !== null) lines.push(line("marker", this.marker, spectrum, marker));
    if (cursor !== null && this.marker !== null) {
      lines.push(`Δ  ${signedHz(this.hzOf(spectrum, cursor) - this.marker)}  ${differences(spectrum, cursor, marker)} dB`);
    }
    return lines;
  }

  private hzOf(spectrum: SpectrumView, index: number): number {
    return this.valueAt(spectrum.x[index] as number);
  }
}

function line(name: string, hz: number, spectrum: SpectrumView, index: number | null): string {
  return `${name} ${frequency(hz)}  ${levels(spectrum, index)} ${spectrum.level.label}`;
}

function levels({ a, b }: SpectrumView, index: number | null): string {
  const of = (line_db: Float32Array) => level(index === null ? null : line_db[index]);
  return `A ${of(a)}${b ? `  B ${of(b)}` : ""}`;
}

function differences({ a, b }: SpectrumView, cursor: number, marker: number | null): string {
  const of = (line_db: Float32Array) => (marker === null ? UNKNOWN : difference(line_db[cursor] as number, line_db[marker] as number));
  return `A ${of(a)}${b ? `  B ${of(b)}` : ""}`;
}

const difference = (one_db: number, other_db: number) => signed(one_db - other_db, 1, "").trimEnd();

function signedHz(hz: number): string {
  return Math.abs(hz) >= 10_000 ? signed(hz / 1000, 3, "kHz") : signed(hz, 1, "Hz");
}
