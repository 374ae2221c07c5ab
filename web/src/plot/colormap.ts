// Level to colour, by maps that rise evenly in lightness and stay readable for colour-blind eyes and in print.

import { COLORMAP_DATA } from "./colormap-data";

export const COLORS = 256;
export const COLOR_MAPS = ["inferno", "magma", "viridis", "cividis", "grey"] as const;
export type ColorMap = (typeof COLOR_MAPS)[number];

/** 256 colours as RGBA bytes, from the lowest level to the highest. */
export function colorTable(map: ColorMap): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(COLORS * 4);
  const parts = map === "grey" ? greys() : Uint8Array.from(atob(COLORMAP_DATA[map]), (letter) => letter.charCodeAt(0));
  for (let n = 0; n < COLORS; n++) {
    table.set(parts.subarray(n * 3, n * 3 + 3), n * 4);
    table[n * 4 + 3] = 255;
  }
  return table;
}

/** From black to white; sRGB is even enough in lightness by itself. */
const greys = () => Uint8Array.from({ length: COLORS * 3 }, (_, at) => Math.floor(at / 3));
