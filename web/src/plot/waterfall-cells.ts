// What level a row of the waterfall has under a pixel; the WebGL2 painter's shader computes the same.

import { type FrequencyAxis, frequencyAt } from "../stream/frequency-axis";

/** Position of each column's left edge in cells, and at last of the right edge of the last one. */
export function columnEdges(axis: FrequencyAxis, cell_hz: number, columns: number): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length: columns + 1 }, (_, x) => frequencyAt(axis, x / columns) / cell_hz);
}

/**
 * Of the cells of a row from `left` to `right`, the loudest; between two cells where a pixel is narrower than a cell. In
 * units of the row's bytes; 0 = no data. `channel` is 0 for A, 1 for B.
 */
export function levelUnder(row: Uint8Array, channel: 0 | 1, left: number, right: number): number {
  const last_cell = row.length / 2 - 1;
  const at = (cell: number) => row[2 * Math.min(Math.max(cell, 0), last_cell) + channel] as number;
  if (right - left < 1) {
    const middle = (left + right) / 2;
    const [below, above] = [at(Math.floor(middle)), at(Math.floor(middle) + 1)];
    return below === 0 || above === 0 ? 0 : below + (above - below) * (middle - Math.floor(middle));
  }
  let loudest = 0;
  for (let cell = Math.ceil(left); cell < Math.ceil(right); cell++) loudest = Math.max(loudest, at(cell));
  return loudest;
}
