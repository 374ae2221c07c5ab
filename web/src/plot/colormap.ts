// Level to colour: "inferno", which rises evenly in lightness and stays readable for colour-blind eyes and in print.

export const COLORS = 256;

/** Polynomial fit of matplotlib's inferno, coefficients of rising power for red, green and blue. */
const INFERNO: readonly (readonly [number, number, number])[] = [
  [0.0002189403691192265, 0.001651004631001012, -0.01948089843709184],
  [0.1065134194856116, 0.5639564367884091, 3.932712388889277],
  [11.60249308247187, -3.972853965665698, -15.9423941062914],
  [-41.70399613139459, 17.43639888205313, 44.35414519872813],
  [77.162935699427, -33.40235894210092, -81.80730925738993],
  [-71.31942824499214, 32.62606426397723, 73.20951985803202],
  [25.13112622477341, -12.24266895238567, -23.07032500287172],
];

/** 256 colours as RGBA bytes, from the lowest level to the highest. */
export function infernoTable(): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(COLORS * 4);
  for (let n = 0; n < COLORS; n++) {
    const t = n / (COLORS - 1);
    for (let channel = 0; channel < 3; channel++) {
      const value = INFERNO.reduceRight((sum, power) => sum * t + (power[channel] as number), 0);
      table[n * 4 + channel] = Math.round(255 * Math.min(Math.max(value, 0), 1));
    }
    table[n * 4 + 3] = 255;
  }
  return table;
}
