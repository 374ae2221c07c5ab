// Spectra to rows of the waterfall. Every row stands for the same time, so that the time axis is straight; time without a
// spectrum becomes rows that say "no data".

import { dbToByte } from "./decibel";
import { DBFS, type LevelUnit } from "./level-unit";

/**
 * Widest row in cells; wider spectra are pooled, the loudest bin counts. WebGL2 promises textures of this width and no
 * more, so the highest bin, by which a spectrum of 4096 samples exceeds it, shares a cell with the one before.
 */
const MAX_CELLS = 2048;
/** Rows that are kept, as many as the waterfall shows; with that the most rows that a hole or a pause can take. */
export const ROWS = 512;
/** Steps of which the median is taken for the time between spectra. */
const STEPS = 15;
/** A hole is drawn at least this high, so that it is seen. */
const LEAST_MARK_ROWS = 3;

export interface RowBatch {
  /** Rows of another series show something else. */
  series: string;
  /** What the levels are in, and from where their bytes count. */
  level: LevelUnit;
  /** Cells per row; each cell is two bytes, level of A and of B, 0 = no data. */
  cells: number;
  /** Frequency width of a cell in Hz. */
  cell_hz: number;
  /** Time that one row stands for, in milliseconds. */
  row_ms: number;
  /** `count` rows, oldest first. */
  bytes: Uint8Array;
  count: number;
}

export interface RowSpectrum {
  a: Float32Array;
  b: Float32Array | null;
  bin_hz: number;
  sample_rate: number;
  /** Index of the spectrum's first sample, and its UTC in microseconds. */
  first_sample: number;
  captured_us: number;
  frame_number: number;
  epoch: string;
  /** Null for one spectrum per frame. */
  overlap: number | null;
  /** Bytes count from its origin. */
  level: LevelUnit;
  /** Spectra that may share a waterfall: those of another do not stand for the same. */
  series: string;
}

type Position = Pick<RowSpectrum, "epoch" | "frame_number" | "first_sample" | "captured_us">;

export class RowPool {
  private rows: Uint8Array[] = [];
  private row = new Uint8Array(0);
  private pooled = 0;
  private series = "";
  private level = DBFS;
  private cells = 0;
  private cell_hz = 0;
  /** Time between spectra, learnt from the last ones; frames that end early at a gap are shorter. */
  private readonly steps_us: number[] = [];
  private last: Position | null = null;
  /** Whether a gap was announced since the last spectrum. */
  private interrupted = false;
  private spectra_per_row = 1;

  /** How many spectra make a row. */
  set perRow(spectra: number) {
    if (spectra === this.spectra_per_row) return;
    this.spectra_per_row = spectra;
    this.pooled = 0;
    // Rows that wait, as they do during a pause, stand for another time.
    this.rows = [];
  }

  /** Samples were lost: the next spectrum does not continue the last one, whatever their numbers and times say. */
  interrupt(): void {
    this.interrupted = true;
  }

  push(spectrum: RowSpectrum): void {
    this.shape(spectrum);
    if (this.last !== null) this.follow(this.last, spectrum);
    this.interrupted = false;
    const { epoch, frame_number, first_sample, captured_us } = spectrum;
    this.last = { epoch, frame_number, first_sample, captured_us };
    if (this.pooled === 0) this.row = new Uint8Array(this.cells * 2);
    pool(this.row, 0, spectrum.a, spectrum.level.origin_db);
    if (spectrum.b) pool(this.row, 1, spectrum.b, spectrum.level.origin_db);
    if (++this.pooled < this.spectra_per_row) return;
    this.pooled = 0;
    this.add(this.row);
  }

  /** The rows that were finished since the last call; null when there are none. */
  take(): RowBatch | null {
    const count = this.rows.length;
    if (count === 0) return null;
    const bytes = new Uint8Array(count * this.cells * 2);
    this.rows.forEach((row, n) => bytes.set(row, n * row.length));
    this.rows = [];
    const { series, level, cells, cell_hz, row_ms } = this;
    return { series, level, cells, cell_hz, row_ms, bytes, count };
  }

  private get row_ms(): number {
    return (this.hop_us * this.spectra_per_row) / 1000;
  }

  private shape({ a, bin_hz, series, level }: RowSpectrum): void {
    const bins_per_cell = Math.ceil((a.length - 1) / MAX_CELLS);
    const cells = Math.ceil((a.length - 1) / bins_per_cell);
    if (cells === this.cells && this.cell_hz === bin_hz * bins_per_cell && series === this.series) return;
    this.series = series;
    this.level = level;
    this.cells = cells;
    this.cell_hz = bin_hz * bins_per_cell;
    this.rows = [];
    this.pooled = 0;
    this.last = null;
    this.steps_us.length = 0;
  }

  private follow(last: Position, spectrum: RowSpectrum): void {
    const same_epoch = spectrum.epoch === last.epoch;
    // The sample clock is exact; across epochs only the wall clock connects.
    const step_us = same_epoch
      ? ((spectrum.first_sample - last.first_sample) * 1e6) / spectrum.sample_rate
      : spectrum.captured_us - last.captured_us;
    // Frames are numbered on across a gap, which is announced, but not across what passed between two connections. Of
    // overlapping windows some end in the same frame, and some frames hold no end of any.
    const next = same_epoch && (spectrum.overlap !== null || spectrum.frame_number === last.frame_number + 1);
    if (next && !this.interrupted) this.learn(step_us);
    else this.markHole(step_us);
  }

  private markHole(step_us: number): void {
    const row_us = this.hop_us * this.spectra_per_row;
    const missing = row_us > 0 ? Math.round(step_us / row_us) - 1 : 0;
    for (let n = Math.min(Math.max(missing, LEAST_MARK_ROWS), ROWS); n > 0; n--) this.add(new Uint8Array(this.cells * 2));
    this.pooled = 0;
  }

  private learn(step_us: number): void {
    this.steps_us.push(step_us);
    if (this.steps_us.length > STEPS) this.steps_us.shift();
  }

  /** Median of the last steps; 0 before there was one. */
  private get hop_us(): number {
    const sorted = this.steps_us.toSorted((x, y) => x - y);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  }

  private add(row: Uint8Array): void {
    this.rows.push(row);
    if (this.rows.length > ROWS) this.rows.shift();
  }
}

/** Raises the bytes of one channel to the levels of a spectrum. */
function pool(row: Uint8Array, channel: 0 | 1, levels_db: Float32Array, origin_db: number): void {
  const cells = row.length / 2;
  const bins_per_cell = Math.ceil((levels_db.length - 1) / cells);
  for (let bin = 0; bin < levels_db.length; bin++) {
    const at = 2 * Math.min(Math.floor(bin / bins_per_cell), cells - 1) + channel;
    const byte = dbToByte((levels_db[bin] as number) - origin_db);
    if (byte > (row[at] as number)) row[at] = byte;
  }
}
