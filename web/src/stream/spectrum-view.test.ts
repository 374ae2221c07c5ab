import { describe, expect, it } from "vitest";
import type { SpectrumEvent } from "@photophone/client/wire";
import { frequencyAxis } from "./frequency-axis";
import { findPeak, groupBins, poolMax, SpectrumScreen } from "./spectrum-view";

const RATE = 48_000;
const BINS = 2049;
const BIN_HZ = RATE / 4096;

function spectrum(loud: Record<number, number>, mono = false): SpectrumEvent {
  const magnitude_a = Float32Array.from({ length: BINS }, (_, bin) => loud[bin] ?? 1e-6);
  return {
    sample_rate: RATE,
    frame_number: 0,
    duration_ms: 85,
    epoch: "e",
    first_sample: 0,
    captured_us: 0,
    size: 4096,
    window: "hann",
    enbw_hz: 17.6,
    unit: "fs",
    scale: "amplitude",
    averages: null,
    overlap: null,
    peaks_a: null,
    peaks_b: null,
    frequencies: magnitude_a.map((_, bin) => (bin * RATE) / 4096),
    magnitude_a,
    magnitude_b: mono ? new Float32Array(0) : magnitude_a.map((value) => value / 10),
  };
}

describe("groupBins", () => {
  it.each(["log", "linear"] as const)("covers every bin of the band once (%s)", (scale) => {
    const axis = frequencyAxis(scale, RATE, 500, 9000);
    const { starts, x } = groupBins(axis, BINS, BIN_HZ, 300);
    expect(starts[0]).toBeLessThanOrEqual(Math.ceil(500 / BIN_HZ));
    expect(starts.at(-1)).toBeGreaterThan(Math.floor(9000 / BIN_HZ));
    for (let g = 1; g < starts.length; g++) expect(starts[g]).toBeGreaterThan(starts[g - 1] as number);
    for (let g = 1; g < x.length; g++) expect(x[g]).toBeGreaterThan(x[g - 1] as number);
    expect(x.length).toBeLessThanOrEqual(303);
  });

  it("loses no peak to pooling", () => {
    const levels = new Float32Array(BINS).fill(-120);
    levels[1800] = -3;
    const groups = groupBins(frequencyAxis("log", RATE, null, null), BINS, BIN_HZ, 200);
    expect(Math.max(...poolMax(levels, groups))).toBe(-3);
  });
});

describe("findPeak", () => {
  const axis = frequencyAxis("linear", RATE, null, null);

  it.each([-0.5, -0.2, 0.1, 0.49])("reads a sine %d bins beside a bin as it is, under a Hann window", (offset) => {
    const levels = Float32Array.from({ length: BINS }, (_, bin) => {
      const x = bin - 100 - offset;
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
      return -20 + 20 * Math.log10(Math.max(Math.abs(sinc / (1 - x * x)), 1e-9));
    });
    const peak = findPeak(levels, BIN_HZ, axis, "hann");
    expect(peak?.level_db).toBeCloseTo(-20, 3);
    expect((peak?.hz ?? 0) / BIN_HZ).toBeCloseTo(100 + offset, 3);
  });

  it("stays on a bin that is symmetric", () => {
    const levels = new Float32Array(BINS).fill(-100);
    levels.set([-16, -10, -16], 99);
    const peak = findPeak(levels, BIN_HZ, axis, "blackman");
    expect(peak?.hz).toBeCloseTo(100 * BIN_HZ, 6);
    expect(peak?.level_db).toBeCloseTo(-10, 6);
  });

  it.each([0, 0.1, 0.37, 0.5, -0.25])("finds a sine that lies %d bins off under a Hann window", (offset) => {
    const levels = new Float32Array(BINS).fill(-200);
    for (const bin of [170, 171, 172]) {
      // Transform of the Hann window at a distance of d bins: sinc(d) / (1 − d²).
      const d = 171 + offset - bin;
      const sinc = d === 0 ? 1 : Math.sin(Math.PI * d) / (Math.PI * d);
      const gain = Math.abs(d) === 1 ? 0.5 : sinc / (1 - d * d);
      levels[bin] = 20 * Math.log10(0.1 * Math.abs(gain));
    }
    expect((findPeak(levels, BIN_HZ, axis, "hann")?.hz ?? 0) / BIN_HZ).toBeCloseTo(171 + offset, 3);
  });

  it("looks only within the band and not at DC", () => {
    const levels = new Float32Array(BINS).fill(-100);
    levels[0] = 0;
    levels[1] = -6;
    levels[50] = -40;
    expect(findPeak(levels, BIN_HZ, axis, "other")?.level_db).toBe(-40);
    expect(findPeak(levels, BIN_HZ, frequencyAxis("linear", RATE, 2000, 3000), "hann")?.level_db).toBe(-100);
  });

  it("finds none in silence", () => {
    expect(findPeak(new Float32Array(BINS).fill(-200), BIN_HZ, axis, "hann")).toBeNull();
  });
});

describe("SpectrumScreen", () => {
  const request = { scale: "log", lo_hz: null, hi_hz: null, columns: 400, hold: true, hold_min: false } as const;

  it("shows levels, peaks and the maximum hold", () => {
    const screen = new SpectrumScreen();
    expect(screen.view(request)).toBeNull();
    screen.hold(request);
    screen.push(spectrum({ 100: 0.5 }));
    screen.push(spectrum({ 300: 0.1 }));
    const view = screen.view(request);
    expect(view?.peak_a?.level_db).toBeCloseTo(-20);
    expect(view?.peak_b?.level_db).toBeCloseTo(-40);
    expect(Math.max(...(view?.hold_a ?? []))).toBeCloseTo(-6.02, 1);
    screen.restartHold();
    screen.push(spectrum({ 300: 0.1 }));
    expect(Math.max(...(screen.view(request)?.hold_a ?? []))).toBeCloseTo(-20, 1);
  });

  it("holds nothing from before the hold was switched on", () => {
    const screen = new SpectrumScreen();
    const loudest = (hold: Float32Array | null | undefined) => (hold ? Math.max(...hold) : null);
    screen.push(spectrum({ 100: 0.5 }));
    screen.push(spectrum({ 300: 0.1 }));
    expect(screen.view(request)).toMatchObject({ hold_a: null, hold_b: null });
    screen.hold(request);
    expect(loudest(screen.view(request)?.hold_a)).toBeCloseTo(-20);
    expect(loudest(screen.view(request)?.hold_b)).toBeCloseTo(-40);
    screen.push(spectrum({ 200: 0.2 }));
    screen.hold(request);
    expect(loudest(screen.view(request)?.hold_a)).toBeCloseTo(-13.98, 1);
    screen.hold({ hold: false, hold_min: false });
    expect(screen.view(request)?.hold_a).toBeNull();
  });

  it("has no channel B for a mono source", () => {
    const screen = new SpectrumScreen();
    screen.hold(request);
    screen.push(spectrum({ 100: 0.5 }, true));
    expect(screen.view(request)).toMatchObject({ b: null, peak_b: null, hold_b: null });
  });

  it("draws decibels of the event's own unit, and lists peaks as sines of it", () => {
    const screen = new SpectrumScreen();
    const peaks_a = [{ frequency_hz: 1171.9, value: 0.1, snr_db: 60 }];
    screen.push({ ...spectrum({ 100: 1e-4 }, true), unit: "v", scale: "psd", averages: 12, overlap: 0.5, peaks_a });
    const view = screen.view(request);
    expect(view?.peak_a?.level_db).toBeCloseTo(-40, 3);
    expect(view?.level.label).toBe("dB re 1 V²/Hz");
    expect(view).toMatchObject({ averages: 12, overlap: 0.5 });
    expect(view?.peaks).toEqual({ a: [{ hz: 1171.9, level_db: expect.closeTo(-20, 5), snr_db: 60 }], b: [] });
  });

  it("holds nothing of levels that cannot be compared", () => {
    const screen = new SpectrumScreen();
    const loudest = () => Math.max(...(screen.view(request)?.hold_a ?? []));
    screen.hold(request);
    screen.push({ ...spectrum({ 100: 94 }), unit: "db_spl" });
    expect(loudest()).toBeCloseTo(94);
    screen.push(spectrum({ 300: 0.1 }));
    expect(loudest()).toBeCloseTo(-20);
  });
});

describe("SpectrumScreen's holds and its rows", () => {
  const request = { scale: "log", lo_hz: null, hi_hz: null, columns: 400, hold: true, hold_min: true } as const;
  const estimate = { ...spectrum({ 300: 0.1 }), averages: 1, overlap: 0.5 };

  /** Pushes a loud spectrum and then another: whether the waterfall begins anew, and what is held at last. */
  function follow(one: SpectrumEvent, other: SpectrumEvent) {
    const screen = new SpectrumScreen();
    screen.hold(request);
    screen.push(one);
    const { series } = screen.row(one);
    screen.push(other);
    const { hold_a, min_a } = screen.view(request) ?? {};
    return { split: screen.row(other).series !== series, max_db: Math.max(...(hold_a ?? [])), min_db: Math.max(...(min_a ?? [])) };
  }

  const loud = { ...estimate, magnitude_a: spectrum({ 300: 0.5 }).magnitude_a };
  const [quiet_db, loud_db] = [-20, -6.02].map((db) => expect.closeTo(db, 1));

  it.each([
    ["a longer average", { averages: 2 }, false, loud_db],
    ["no average", { averages: null }, true, quiet_db],
    ["another overlap", { overlap: 0.75 }, true, quiet_db],
    ["another window", { window: "blackman" }, true, quiet_db],
    ["another epoch", { epoch: "f" }, false, quiet_db],
  ])("begin anew by one rule: %s", (_what, change, split, max_db) => {
    expect(follow(loud, { ...estimate, ...change })).toEqual({ split, max_db, min_db: quiet_db });
  });
});

describe("SpectrumScreen's traces that stay", () => {
  const request = { scale: "log", lo_hz: null, hi_hz: null, columns: 400, hold: true, hold_min: false } as const;

  it("shows the smallest levels since the minimum hold was switched on", () => {
    const screen = new SpectrumScreen();
    const loudest = () => Math.max(...(screen.view(request)?.min_a ?? []));
    screen.push(spectrum({ 100: 0.001 }));
    screen.hold({ hold: false, hold_min: true });
    screen.push(spectrum({ 100: 0.5 }));
    screen.push(spectrum({ 100: 0.1 }));
    expect(loudest()).toBeCloseTo(-60, 1);
    screen.restartHold();
    screen.push(spectrum({ 100: 0.5 }));
    expect(loudest()).toBeCloseTo(-20, 1);
  });

  it("keeps a spectrum whatever comes, until told otherwise or of another size", () => {
    const screen = new SpectrumScreen();
    const loudest = () => Math.max(...(screen.view(request)?.kept_a ?? []));
    screen.keep(screen);
    expect(screen.view(request)).toBeNull();
    screen.push(spectrum({ 100: 0.1 }));
    screen.keep(screen);
    screen.push(spectrum({ 100: 0.5 }));
    screen.restartHold();
    expect(loudest()).toBeCloseTo(-20, 1);
    expect(Math.max(...(screen.copy().view(request)?.kept_b ?? []))).toBeCloseTo(-40, 1);
    screen.keep(null);
    expect(screen.view(request)).toMatchObject({ kept_a: null, kept_b: null });
    screen.keep(screen);
    screen.push({ ...spectrum({}), sample_rate: 2 * RATE });
    expect(screen.view(request)?.kept_a).toBeNull();
  });
});
