// The spectrum's cursor: where it stands, moved by pointer or keys, and what it reads there.

import type { LinePlot } from "../plot/uplot";
import { frequencyAt, positionOf } from "../stream/frequency-axis";
import type { Live } from "../stream/live";
import { frequency, level } from "./format";

/** The readout follows the signal this often; faster is unreadable. */
const WRITE_MS = 100;
const BIG_STEP = 10;

export class SpectrumCursor {
  /** Position on the axis, 0…1; null when there is no cursor. */
  position: number | null = null;
  private by_keys = false;
  private written_ms = 0;

  constructor(private readonly live: Live) {}

  /** The pointer stands at a position, or has left. A cursor set by keys stays until the pointer comes. */
  point(position: number | null): void {
    if (position === null && this.by_keys) return;
    if (position !== null && this.by_keys && Math.abs(position - (this.position ?? 0)) < 1e-3) return;
    this.by_keys = false;
    this.position = position;
  }

  /** Moves by a key; false when the key means nothing here. */
  key(key: string, big: boolean): boolean {
    const { spectrum } = this.live;
    if (spectrum === null) return false;
    const last = spectrum.x.length - 1;
    const step = big ? BIG_STEP : 1;
    const index = this.index() ?? Math.floor(last / 2);
    const target: Record<string, number | null> = {
      ArrowLeft: Math.max(0, index - step),
      ArrowRight: Math.min(last, index + step),
      Home: 0,
      End: last,
      Escape: null,
    };
    if (key === "Enter" && spectrum.peak_a) this.position = positionOf(spectrum.axis, spectrum.peak_a.hz);
    else if (key in target) this.position = target[key] === null ? null : (spectrum.x[target[key] as number] ?? null);
    else return false;
    this.by_keys = this.position !== null;
    return true;
  }

  /** Puts it at a frequency, where it stays as if set by keys. */
  set(hz: number): void {
    const { spectrum } = this.live;
    if (spectrum === null) return;
    this.position = positionOf(spectrum.axis, hz);
    this.by_keys = true;
    this.live.loop.invalidate();
  }

  /** Draws a cursor set by keys; the pointer's own is drawn by the plot. */
  show(plot: LinePlot): void {
    if (this.by_keys) plot.moveCursor(this.position);
  }

  text(): string {
    const { spectrum } = this.live;
    const index = this.index();
    if (spectrum === null || index === null) return "";
    const hz = frequencyAt(spectrum.axis, spectrum.x[index] as number);
    const b = spectrum.b ? `  B ${level(spectrum.b[index])}` : "";
    return `cursor ${frequency(hz)}  A ${level(spectrum.a[index])}${b} ${spectrum.level.label}`;
  }

  write(target: HTMLElement | null): void {
    const now_ms = performance.now();
    if (target === null || now_ms - this.written_ms < WRITE_MS) return;
    this.written_ms = now_ms;
    const text = this.text();
    if (target.textContent !== text) target.textContent = text;
  }

  /** The point of the spectrum nearest to the cursor. */
  private index(): number | null {
    const x = this.live.spectrum?.x;
    if (x === undefined || x.length === 0 || this.position === null) return null;
    let low = 0;
    let high = x.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((x[middle] as number) <= this.position) low = middle;
      else high = middle;
    }
    return this.position - (x[low] as number) <= (x[high] as number) - this.position ? low : high;
  }
}
