// Where a sine lies between two bins and how large it is, by what the window lets each bin see of it.

/** Of the cosines of which a window is the sum; the same numbers as the server's. */
const COSINES: Readonly<Record<string, readonly number[]>> = {
  rectangular: [1],
  hann: [0.5, 0.5],
  hamming: [0.54, 0.46],
  blackman: [0.42, 0.5, 0.08],
  "blackman-harris": [0.35875, 0.48829, 0.14128, 0.01168],
  flattop: [0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368],
};
/** Halvings of the span of one bin: finer than a level in f32 tells. */
const STEPS = 30;

export interface Sine {
  /** Distance from the loudest bin, −0.5…0.5. */
  offset_bins: number;
  /** How far its level stands above that bin's. */
  above_db: number;
}

/**
 * A single sine, from the levels of the loudest bin's neighbours. On the bin itself when the window is not known.
 *
 * The ratio of the two neighbours rises with the offset for each of these windows, and noise on the loudest bin, which is
 * flat about the middle of some, says nothing about it.
 */
export function sineBetween(left_db: number, right_db: number, window: string): Sine {
  const response = responseOf(window);
  if (response === null) return { offset_bins: 0, above_db: 0 };
  const ratio = 10 ** ((right_db - left_db) / 20);
  let [low, high] = [-0.5, 0.5];
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (Math.abs(response(1 - middle)) < ratio * Math.abs(response(1 + middle))) low = middle;
    else high = middle;
  }
  const offset_bins = (low + high) / 2;
  return { offset_bins, above_db: 20 * Math.log10(response(0) / response(offset_bins)) };
}

/** Transform of a window at a distance in bins, for windows of many samples (Harris, Proc. IEEE 66, 51 (1978)). */
function responseOf(window: string): ((bins: number) => number) | null {
  const cosines = COSINES[window];
  if (cosines) return (bins) => cosines.reduce((sum, a, k) => sum + (a / 2) * (sinc(bins - k) + sinc(bins + k)), 0);
  const beta = Number(/^kaiser:(.+)$/.exec(window)?.[1]);
  return Number.isNaN(beta) ? null : (bins) => kaiser(beta ** 2 - (Math.PI * bins) ** 2);
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** sinh(√s) / √s, which goes on as sin(√−s) / √−s (Kaiser & Schafer, IEEE Trans. ASSP 28, 105 (1980)). */
function kaiser(s: number): number {
  if (s === 0) return 1;
  const root = Math.sqrt(Math.abs(s));
  return (s > 0 ? Math.sinh(root) : Math.sin(root)) / root;
}
