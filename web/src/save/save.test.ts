// @vitest-environment happy-dom

import { expect, it } from "vitest";
import { placeLines } from "./save";

const place = { epoch: "e", first_sample: 4800, captured_us: 1_700_000_000_000_000, sample_rate: 48_000 };

it("tells the epoch once, and each chart its own when they differ", () => {
  const [wave, spectrum] = ["Waveform from sample 4800, 2023-11-14T22:13:20.000000Z", "Spectrum from sample 4800, 2023-11-14T22:13:20.000000Z; hann"];
  expect(placeLines(place, place, "hann")).toEqual(["Epoch e, 48000 Hz", wave, spectrum]);
  expect(placeLines(place, { ...place, epoch: "f" }, "hann")).toEqual(["Epoch e, 48000 Hz", wave, "Epoch f, 48000 Hz", spectrum]);
  expect(placeLines(undefined, place, "hann")).toEqual(["Epoch e, 48000 Hz", spectrum]);
});
