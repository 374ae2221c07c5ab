// The waveform's cursor and marker: time, amplitudes of both channels, the time between the two and its inverse.

import type { Live } from "../stream/live";
import type { WaveView } from "../stream/wave-screen";
import { fixed, frequency, signed, UNKNOWN, withUnit } from "./format";
import { PlotCursor } from "./plot-cursor";

export class WaveCursor extends PlotCursor {
  constructor(private readonly live: Pick<Live, "wave" | "loop">) {
    super(() => live.loop.invalidate());
  }

  protected points(): Float32Array | null {
    return this.live.wave?.x ?? null;
  }

  protected ends(): { min: number; max: number } {
    const { wave } = this.live;
    return { min: wave?.from_s ?? 0, max: wave?.to_s ?? 1 };
  }

  protected valueAt(position_s: number): number {
    return position_s;
  }

  protected positionOf(time_s: number): number {
    return time_s;
  }

  /** The trigger, or the newest sample. */
  protected target(): number | null {
    return 0;
  }

  protected lines(cursor: number | null, marker: number | null): string[] {
    const { wave } = this.live;
    if (wave === null) return [];
    const cursor_s = cursor === null ? null : (wave.x[cursor] as number);
    const lines: string[] = [];
    if (cursor_s !== null) lines.push(`cursor ${time(wave, cursor_s)}  ${amplitudes(wave, cursor)}`);
    if (this.marker !== null) lines.push(`marker ${time(wave, this.marker)}  ${amplitudes(wave, marker)}`);
    if (cursor_s !== null && this.marker !== null) lines.push(this.difference(wave, cursor_s - this.marker, cursor, marker));
    return lines;
  }

  private difference(wave: WaveView, delta_s: number, cursor: number | null, marker: number | null): string {
    const rate = Math.abs(delta_s) < 1e-9 ? UNKNOWN : frequency(1 / Math.abs(delta_s));
    const parts = [`Δ ${time(wave, delta_s, signed)}`, `1/Δt ${rate}`];
    // Of columns there are two amplitudes, and no single difference.
    if (columnsOf(wave) === 1 && cursor !== null && marker !== null) {
      const of = (line: Float32Array) => amplitude(wave, (line[cursor] as number) - (line[marker] as number), "+");
      parts.push(`ΔA ${of(wave.a)}${wave.stereo ? `  ΔB ${of(wave.b)}` : ""}`);
    }
    return parts.join("  ");
  }
}

/** Points per column of the picture. */
const columnsOf = ({ x }: WaveView): 1 | 2 => (x.length > 1 && x[0] === x[1] ? 2 : 1);

/** A time with the digits that the picture resolves. */
function time(wave: WaveView, seconds: number, write: typeof signed = withUnit): string {
  const [unit, factor] = wave.to_s - wave.from_s < 1 ? ["ms", 1000] : ["s", 1];
  const step = ((wave.x[columnsOf(wave)] ?? wave.to_s) - (wave.x[0] ?? 0)) * factor;
  return write(seconds * factor, Math.min(Math.max(1 - Math.floor(Math.log10(step)), 0), 6), unit);
}

/** Amplitudes are fractions of full scale. */
function amplitudes(wave: WaveView, index: number | null): string {
  const of = (line: Float32Array) => {
    if (index === null) return UNKNOWN;
    const first = amplitude(wave, line[index] as number);
    return columnsOf(wave) === 1 ? first : `${first} … ${amplitude(wave, line[index + 1] as number)}`;
  };
  return `A ${of(wave.a)}${wave.stereo ? `  B ${of(wave.b)}` : ""} FS`;
}

/** As many digits for all that is read in a picture, so that the text stays where it is. */
function amplitude({ largest }: WaveView, value: number, plus = ""): string {
  if (!Number.isFinite(value)) return UNKNOWN;
  const decimals = Math.min(Math.max(3 - Math.floor(Math.log10(largest || 1)), 3), 9);
  return `${value > 0 ? plus : ""}${fixed(value, decimals)}`;
}
