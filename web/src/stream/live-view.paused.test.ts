import { describe, expect, it } from "vitest";
import { frame, N, place, RATE, REQUEST, samples, spectrum, view } from "./live-view.fixture";
import { ROWS } from "./row-pool";

describe("LiveView, paused", () => {
  it("freezes the picture while paused and goes on counting", () => {
    const { live, losses } = view();
    live.show(REQUEST);
    live.audio(frame(0, 0.5));
    live.tick();
    live.pause(true);
    live.audio(frame(1, 0.5));
    live.audio(frame(3, 0.95));
    live.spectral(spectrum(3));
    const paused = live.tick();
    expect(paused).toMatchObject({ wave: null, spectrum: null, rows: null, head: { frame_number: 3 } });
    expect(paused?.levels?.a.clipped).toBeGreaterThan(0);
    expect(losses).toHaveLength(1);
    live.show({ ...REQUEST, wave: { ...REQUEST.wave, span_ms: 20 } });
    expect(live.tick()?.wave?.largest).toBeCloseTo(0.5, 2);
    live.pause(false);
    live.audio(frame(4, 0.95));
    expect(live.tick()?.wave?.largest).toBeGreaterThan(0.9);
  });

  it("holds the paused waveform while the source changes its rate and its channels", () => {
    const { live } = view();
    live.show(REQUEST);
    live.audio(frame(0, 0.5));
    live.pause(true);
    live.audio(samples({ ...place(0), epoch: "f", sample_rate: 2 * RATE, channels: 1 }, new Float32Array(N).fill(0.9)));
    live.show({ ...REQUEST, wave: { ...REQUEST.wave, span_ms: 20 } });
    const wave = live.tick()?.wave;
    expect(wave).toMatchObject({ stereo: true, from_s: -0.02 });
    expect(wave?.largest).toBeCloseTo(0.5, 2);
    live.pause(false);
    expect(live.tick()?.wave).toMatchObject({ stereo: false, largest: Math.fround(0.9) });
  });
});

describe("LiveView's spectra, paused", () => {
  it("shows after a pause the spectra that came meanwhile", () => {
    const { live } = view();
    live.show(REQUEST);
    live.spectral(spectrum(0));
    live.spectral(spectrum(1));
    expect(live.tick()?.rows?.count).toBe(2);
    live.pause(true);
    for (let n = 2; n < 9; n++) live.spectral(spectrum(n, 0.5));
    expect(live.tick()).toBeNull();
    live.show({ ...REQUEST, spectrum: { ...REQUEST.spectrum, hi_hz: 8000 } });
    const paused = live.tick();
    expect(paused?.spectrum?.peak_a?.level_db).toBeCloseTo(-20);
    expect(paused?.rows).toBeNull();
    live.pause(false);
    const resumed = live.tick();
    expect(resumed?.spectrum?.peak_a?.level_db).toBeCloseTo(-6.02, 1);
    expect(resumed?.rows?.count).toBe(7);
    expect(resumed?.rows?.bytes.includes(0)).toBe(false);
  });

  it("keeps the spectrum that is seen, not the newest", () => {
    const { live } = view();
    const kept_db = () => Math.max(...(live.tick()?.spectrum?.kept_a ?? []));
    live.show(REQUEST);
    live.spectral(spectrum(0, 0.1));
    live.pause(true);
    live.spectral(spectrum(1, 0.5));
    live.keep(true);
    expect(kept_db()).toBeCloseTo(-20, 1);
    live.pause(false);
    expect(kept_db()).toBeCloseTo(-20, 1);
    live.keep(false);
    expect(live.tick()?.spectrum).toMatchObject({ kept_a: null, kept_b: null });
  });

  it("keeps in the live picture nothing that cannot be compared with it", () => {
    const { live } = view();
    live.show(REQUEST);
    live.spectral(spectrum(0, 0.1));
    live.pause(true);
    live.spectral({ ...spectrum(1), meta: { size: 4096, window: "hann", unit: "db_spl", enbw_hz: 17.6 } });
    live.keep(true);
    expect(Math.max(...(live.tick()?.spectrum?.kept_a ?? []))).toBeCloseTo(-20, 1);
    live.pause(false);
    expect(live.tick()?.spectrum).toMatchObject({ kept_a: null, kept_b: null });
  });

  it("keeps no more rows during a pause than the waterfall shows, and none of another duration", () => {
    const { live } = view();
    live.show(REQUEST);
    live.pause(true);
    for (let n = 0; n < ROWS + 40; n++) live.spectral(spectrum(n));
    live.pause(false);
    expect(live.tick()?.rows).toMatchObject({ count: ROWS });
    live.pause(true);
    for (let n = ROWS + 40; n < ROWS + 50; n++) live.spectral(spectrum(n));
    live.show({ ...REQUEST, spectra_per_row: 2 });
    for (let n = ROWS + 50; n < ROWS + 56; n++) live.spectral(spectrum(n));
    live.pause(false);
    expect(live.tick()?.rows).toMatchObject({ count: 3 });
  });
});
