// A cursor over a line plot and a marker to compare it with: where they stand, moved by pointer or keys. What they read
// there is told by the plot's own cursor (spectrum-cursor.ts, wave-cursor.ts).

import type { LinePlot } from "../plot/uplot";
import { Readout } from "./readout";

const BIG_STEP = 10;
/** A click so close to the marker takes it away, as a share of the axis. */
const ON_MARKER = 0.008;

export abstract class PlotCursor {
  /** Where the cursor stands on the x axis; null when there is none. */
  position: number | null = null;
  /** What the marker stands at, in units that outlive a change of the axis; null when there is none. */
  marker: number | null = null;
  private by_keys = false;
  private readonly readout = new Readout();

  constructor(private readonly invalidate: () => void) {}

  /** Points of the picture, rising, of which the cursor reads the nearest; null before there is one. */
  protected abstract points(): Float32Array | null;
  /** The two ends of the x axis. */
  protected abstract ends(): { min: number; max: number };
  protected abstract valueAt(position: number): number;
  protected abstract positionOf(value: number): number;
  /** Where Enter puts the cursor. */
  protected abstract target(): number | null;
  /** One line each for cursor, marker and their difference, as far as they are there. */
  protected abstract lines(cursor: number | null, marker: number | null): string[];

  /** The pointer stands at a position, or has left. A cursor set by keys stays until the pointer moves. */
  point(position: number | null): void {
    if (position === this.position || (position === null && this.by_keys)) return;
    this.by_keys = false;
    this.move(position);
  }

  /** Sets the marker at a position, or takes it away when it stands there. */
  pick(position: number): void {
    const { min, max } = this.ends();
    const index = this.indexAt(position);
    const on_marker = this.marker !== null && Math.abs(this.positionOf(this.marker) - position) < ON_MARKER * (max - min);
    if (on_marker || index === null) this.marker = null;
    else this.marker = this.valueAt((this.points() as Float32Array)[index] as number);
    this.move(this.position);
  }

  /** Moves by a key; false when the key means nothing here. */
  key(key: string, big: boolean): boolean {
    const x = this.points();
    if (x === null || x.length === 0) return false;
    if (key.toLowerCase() === "m") this.pick(this.position ?? this.valueInMiddle());
    else if (key === "Escape") this.leave();
    else {
      const next = key === "Enter" ? this.target() : this.step(x, key, big);
      if (next === undefined) return false;
      if (next === null) return true;
      this.by_keys = true;
      this.move(next);
    }
    return true;
  }

  /** Puts the cursor at a value, to stay. */
  goTo(value: number): void {
    this.by_keys = true;
    this.move(this.positionOf(value));
  }

  show(plot: LinePlot): void {
    plot.moveCursor(this.position);
  }

  text(): string {
    if (this.points() === null) return "";
    const marker = this.marker === null ? null : this.indexAt(this.positionOf(this.marker), true);
    return this.lines(this.position === null ? null : this.indexAt(this.position), marker).join("\n");
  }

  write(target: HTMLElement | null): void {
    this.readout.write(target, () => this.text(), this.share());
  }

  /** How far along the axis the cursor stands, 0…1. */
  share(): number {
    const { min, max } = this.ends();
    return ((this.position ?? min) - min) / (max - min);
  }

  private move(position: number | null): void {
    this.position = position;
    this.readout.move();
    this.invalidate();
  }

  private leave(): void {
    this.marker = null;
    this.by_keys = false;
    this.move(null);
  }

  private valueInMiddle(): number {
    const { min, max } = this.ends();
    return (min + max) / 2;
  }

  /** The position a key leads to; undefined for another key. */
  private step(x: Float32Array, key: string, big: boolean): number | undefined {
    const stride = strideOf(x);
    const last = x.length - stride;
    const index = this.indexAt(this.position ?? this.valueInMiddle()) ?? 0;
    const step = stride * (big ? BIG_STEP : 1);
    const targets: Record<string, number> = {
      ArrowLeft: Math.max(0, index - step),
      ArrowRight: Math.min(last, index + step),
      Home: 0,
      End: last,
    };
    const target = targets[key];
    return target === undefined ? undefined : x[target];
  }

  /** The point nearest to a position: of points that share an x, the first. Null where the axis does not reach, if asked. */
  private indexAt(position: number, within = false): number | null {
    const x = this.points();
    if (x === null || x.length === 0) return null;
    const { min, max } = this.ends();
    if (within && (position < min || position > max)) return null;
    let low = 0;
    let high = x.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((x[middle] as number) <= position) low = middle;
      else high = middle;
    }
    const nearest = position - (x[low] as number) <= (x[high] as number) - position ? low : high;
    return nearest - (nearest % strideOf(x));
  }
}

/** Points that share an x: two where a column has minimum and maximum. */
function strideOf(x: Float32Array): 1 | 2 {
  return x.length > 1 && x[0] === x[1] ? 2 : 1;
}
