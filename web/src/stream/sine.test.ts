import { describe, expect, it } from "vitest";
import { sineBetween } from "./sine";

const SAMPLES = 512;
const BIN = 40;

/** I₀ by its series. */
function besselI0(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; k < 200; k++) {
    term *= (x / 2 / k) ** 2;
    sum += term;
  }
  return sum;
}

const cosines =
  (...coefficients: number[]) =>
  (n: number) =>
    coefficients.reduce((sum, a, k) => sum + (-1) ** k * a * Math.cos((2 * Math.PI * k * n) / SAMPLES), 0);

const kaiser = (beta: number) => (n: number) => besselI0(beta * Math.sqrt(1 - (n / (SAMPLES / 2) - 1) ** 2)) / besselI0(beta);

/** The windows as they are defined, sample by sample. */
const WINDOWS: Record<string, (n: number) => number> = {
  rectangular: () => 1,
  hann: cosines(0.5, 0.5),
  hamming: cosines(0.54, 0.46),
  blackman: cosines(0.42, 0.5, 0.08),
  "blackman-harris": cosines(0.35875, 0.48829, 0.14128, 0.01168),
  flattop: cosines(0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368),
  "kaiser:0": kaiser(0),
  "kaiser:9": kaiser(9),
  "kaiser:40": kaiser(40),
};

/** Level of one bin of the transform of a windowed complex oscillation of amplitude 1. */
function level_db(window: (n: number) => number, bin: number, at_bins: number): number {
  let [re, im, gain] = [0, 0, 0];
  for (let n = 0; n < SAMPLES; n++) {
    const phase = (2 * Math.PI * (at_bins - bin) * n) / SAMPLES;
    re += window(n) * Math.cos(phase);
    im += window(n) * Math.sin(phase);
    gain += window(n);
  }
  return 20 * Math.log10(Math.hypot(re, im) / gain);
}

describe.each(Object.entries(WINDOWS))("under %s", (name, window) => {
  it.each([-0.5, -0.33, -0.1, 0.01, 0.25, 0.49])("a sine %d bins off is found where it is, and as large", (offset) => {
    const [left, top, right] = [BIN - 1, BIN, BIN + 1].map((bin) => level_db(window, bin, BIN + offset)) as [number, number, number];
    const { offset_bins, above_db } = sineBetween(left, right, name);
    expect(offset_bins).toBeCloseTo(offset, 3);
    expect(top + above_db).toBeCloseTo(0, 3);
  });
});

it("stays on the bin under a window that it does not know", () => {
  expect(sineBetween(-10, -6, "other")).toEqual({ offset_bins: 0, above_db: 0 });
});

it("stays beside the bin whatever noise does to its neighbours", () => {
  expect(sineBetween(-200, 0, "hann").offset_bins).toBeCloseTo(0.5);
  expect(sineBetween(0, -200, "flattop").offset_bins).toBeCloseTo(-0.5);
});
