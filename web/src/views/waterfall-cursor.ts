// The waterfall's cursor: a place in time and frequency, moved by pointer or keys. It reads the level there, and the whole
// row as a spectrum to be drawn beside the present one.

import { levelUnder } from "../plot/waterfall-cells";
import { byteToDb } from "../stream/decibel";
import { type FrequencyAxis, frequencyAt, positionOf } from "../stream/frequency-axis";
import type { Live } from "../stream/live";
import { fixed, frequency, level, UNKNOWN } from "./format";
import { Readout } from "./readout";

const BIG_STEP = 10;
/** Steps of the keys over the frequency axis. */
const STEPS = 500;

export interface WaterfallPlace {
  /** On the frequency axis, 0…1. */
  position: number;
  /** Rows before the newest. */
  age: number;
}

export class WaterfallCursor {
  place: WaterfallPlace | null = null;
  private by_keys = false;
  private readonly readout = new Readout();

  constructor(private readonly live: Pick<Live, "spectrum" | "history" | "head" | "loop">) {}

  /** The pointer stands at a place, or has left. A cursor set by keys stays until the pointer moves. */
  point(place: WaterfallPlace | null): void {
    if (place === null && (this.by_keys || this.place === null)) return;
    this.by_keys = false;
    this.move(place);
  }

  /** Moves by a key; false when the key means nothing here. */
  key(key: string, big: boolean): boolean {
    if (key === "Escape") {
      this.by_keys = false;
      this.move(null);
      return true;
    }
    const { position, age } = this.place ?? { position: 0.5, age: 0 };
    const step = big ? BIG_STEP : 1;
    const oldest = Math.max(this.live.history.filled - 1, 0);
    const targets: Record<string, WaterfallPlace> = {
      ArrowLeft: { position: Math.max(position - step / STEPS, 0), age },
      ArrowRight: { position: Math.min(position + step / STEPS, 1), age },
      ArrowUp: { position, age: Math.max(age - step, 0) },
      ArrowDown: { position, age: Math.min(age + step, oldest) },
      Home: { position, age: 0 },
      End: { position, age: oldest },
      Enter: { position: this.peak() ?? position, age },
    };
    const target = targets[key];
    if (target === undefined) return false;
    this.by_keys = true;
    this.move(target);
    return true;
  }

  /** Number of the row under the cursor; null where there is none. */
  get row(): number | null {
    const { history } = this.live;
    return this.place === null || this.place.age >= history.filled ? null : history.written - 1 - this.place.age;
  }

  text(): string {
    const { spectrum, history } = this.live;
    if (this.place === null || spectrum === null) return "";
    const hz = frequencyAt(spectrum.axis, this.place.position);
    const age_s = (this.place.age * history.row_ms) / 1000;
    const time = `${age_s === 0 ? "" : "−"}${fixed(age_s, 2)} s`;
    const { row } = this;
    if (row === null) return `${time}  ${frequency(hz)}  before the first spectrum`;
    const b = this.live.head?.channels === 2 ? `  B ${this.levelOf(row, 1, spectrum.axis)}` : "";
    return `${time}  ${frequency(hz)}  A ${this.levelOf(row, 0, spectrum.axis)}${b} ${history.level.label}`;
  }

  /** Levels of the row under the cursor at positions of the axis; null where it has none in the unit of the spectrum. */
  trace(axis: FrequencyAxis, x: Float32Array, channel: "a" | "b"): Float32Array | null {
    const { history } = this.live;
    const { row } = this;
    if (row === null || history.level.label !== this.live.spectrum?.level.label) return null;
    const bytes = history.row(row);
    const edge = (n: number) => {
      const [below, above] = [x[Math.max(n - 1, 0)] as number, x[Math.min(n, x.length - 1)] as number];
      return frequencyAt(axis, (below + above) / 2) / history.cell_hz;
    };
    const levels = x.map((_, n) => this.toDb(levelUnder(bytes, channel === "b" ? 1 : 0, edge(n), edge(n + 1))) ?? Number.NaN);
    return levels.some((each) => !Number.isNaN(each)) ? levels : null;
  }

  share(): number {
    return this.place?.position ?? 0;
  }

  write(target: HTMLElement | null): void {
    this.readout.write(target, () => this.text(), this.share());
  }

  private move(place: WaterfallPlace | null): void {
    this.place = place;
    this.readout.move();
    this.live.loop.invalidate();
  }

  private peak(): number | null {
    const { spectrum } = this.live;
    return spectrum?.peak_a ? positionOf(spectrum.axis, spectrum.peak_a.hz) : null;
  }

  /** Bytes count from the level that stands where 0 dBFS does. */
  private toDb(byte: number): number | null {
    const level_db = byteToDb(byte);
    return level_db === null ? null : level_db + this.live.history.level.origin_db;
  }

  /** Bytes resolve 0.6 dB; decimals would say more than is known. */
  private levelOf(row: number, channel: 0 | 1, axis: FrequencyAxis): string {
    const { history } = this.live;
    const half = 0.5 / STEPS;
    const position = this.place?.position ?? 0;
    const [left, right] = [position - half, position + half].map((edge) => frequencyAt(axis, edge) / history.cell_hz);
    const level_db = this.toDb(levelUnder(history.row(row), channel, left as number, right as number));
    return level_db === null ? UNKNOWN : level(Math.round(level_db)).replace(/\.0$/, "");
  }
}
