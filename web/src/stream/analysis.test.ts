import { expect, it } from "vitest";
import { type Analysis, ANALYSIS_CHECKS, isPlain, PLAIN, spectralFeed } from "./analysis";
import { SPECTRA } from "./feeds";

const query = (change: Partial<Analysis>) => spectralFeed({ ...PLAIN, ...change }).query;

it("asks for the plain feed as long as nothing was chosen that makes another spectrum", () => {
  expect(spectralFeed(PLAIN)).toBe(SPECTRA);
  expect(spectralFeed({ ...PLAIN, kaiser_beta: 3, average_s: 9, average_n: 3 })).toBe(SPECTRA);
  for (const change of [{ fft_size: 4096 }, { overlap: 0 }, { averaging: "min" }, { quantity: "psd" }, { unit: "v" }, { peaks: 3 }] as const) {
    expect(isPlain({ ...PLAIN, ...change })).toBe(false);
  }
});

it("says all that was chosen in one order, so that equal choices share a feed", () => {
  expect(query({ averaging: "linear", average_n: 4 })).toBe("overlap=0.5&averaging=linear:4&scale=amplitude&unit=dbfs&phase=false");
  expect(query({ fft_size: 16_384, fft_window: "kaiser", kaiser_beta: 8.6, overlap: 0, averaging: "exp", average_s: 0.5 })).toBe(
    "size=16384&window=kaiser:8.6&overlap=0&averaging=exp:0.5&scale=amplitude&unit=dbfs&phase=false",
  );
  expect(query({ fft_window: "blackman_harris", averaging: "peak", quantity: "psd", unit: "db_spl", peaks: 5 })).toBe(
    "window=blackman_harris&overlap=0.5&averaging=peak&scale=psd&unit=db_spl&phase=false&peaks=5",
  );
  // What belongs to another choice makes no feed of its own.
  expect(query({ averaging: "peak", average_s: 9, kaiser_beta: 1 })).toBe(query({ averaging: "peak" }));
});

it("keeps what the server would refuse out of what is stored", () => {
  const good: Partial<Analysis>[] = [{ ...PLAIN }, { fft_size: 65_536 }, { kaiser_beta: 0 }, { average_s: 0.001 }, { average_n: 100_000 }];
  const bad = [{ fft_size: 1000 }, { fft_window: "hanning" }, { kaiser_beta: -1 }, { average_s: 0 }, { average_n: 1.5 }, { unit: "fs" }, { peaks: 65 }];
  const passes = (values: object) =>
    Object.entries(values).every(([key, value]) => ANALYSIS_CHECKS[key as keyof Analysis](value));
  expect([good.every(passes), bad.some(passes)]).toEqual([true, false]);
});
