// The rows of the waterfall that are kept, in a ring of fixed size. Painters read it; nobody draws here.

import { DBFS } from "../stream/level-unit";
import { type RowBatch, ROWS } from "../stream/row-pool";

export { ROWS } from "../stream/row-pool";

export class WaterfallHistory {
  cells = 0;
  cell_hz = 0;
  private series = "";
  row_ms = 0;
  /** Of the rows kept. */
  level = DBFS;
  /** ROWS rows of `cells` pairs of bytes (level of A, level of B; 0 = no data). */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** Rows written since the start; row n lies at n % ROWS. */
  written = 0;
  /** Row from which the present contents count, after a change of shape. */
  first = 0;

  push(batch: RowBatch): void {
    if (batch.cells !== this.cells || batch.cell_hz !== this.cell_hz || batch.series !== this.series) this.reshape(batch);
    // Rows of another duration would bend the time axis.
    if (batch.row_ms !== this.row_ms && Math.abs(batch.row_ms / this.row_ms - 1) > 0.2) this.first = this.written;
    this.row_ms = batch.row_ms;
    const length = this.cells * 2;
    for (let n = 0; n < batch.count; n++) {
      const row = batch.bytes.subarray(n * length, (n + 1) * length);
      this.bytes.set(row, (this.written % ROWS) * length);
      this.written++;
    }
    this.first = Math.max(this.first, this.written - ROWS);
  }

  /** Rows that can be shown. */
  get filled(): number {
    return this.written - this.first;
  }

  /** Row number `row`, counted since the start. */
  row(row: number): Uint8Array {
    const at = (row % ROWS) * this.cells * 2;
    return this.bytes.subarray(at, at + this.cells * 2);
  }

  private reshape(batch: RowBatch): void {
    this.series = batch.series;
    this.level = batch.level;
    this.cells = batch.cells;
    this.cell_hz = batch.cell_hz;
    this.bytes = new Uint8Array(ROWS * batch.cells * 2);
    this.first = this.written;
  }
}
