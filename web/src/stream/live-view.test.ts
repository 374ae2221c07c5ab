import { describe, expect, it } from "vitest";
import type { LiveView } from "./live-view";
import { frame, gap, N, RATE, REQUEST, spectrum, view, word } from "./live-view.fixture";

describe("LiveView", () => {
  it("prepares nothing before the page asked, and then what it asked for, once", () => {
    const { live } = view();
    live.audio(frame(0, 0.5));
    expect(live.tick()).toBeNull();
    live.show(REQUEST);
    live.spectral(spectrum(0));
    const tick = live.tick();
    expect(tick?.wave?.x.length).toBeGreaterThan(0);
    expect(tick?.levels?.a.peak_db).toBeCloseTo(-6.02, 1);
    expect(tick?.spectrum?.peak_a?.level_db).toBeCloseTo(-20);
    expect(tick?.rows?.count).toBe(1);
    expect(tick?.head).toMatchObject({ frame_number: 0, channels: 2, frames: 1 });
    expect(live.tick()).toBeNull();
  });

  it("passes gaps and states on and finds unannounced holes", () => {
    const { live, losses, states } = view();
    live.audio(word("state", { state: "running", reason: null, epoch: "e", sample_rate: RATE, channels: 2 }));
    live.audio(frame(0, 0.5));
    live.audio(gap(N, 2 * N, "subscriber"));
    live.audio(frame(2, 0.5));
    live.audio(frame(4, 0.5));
    expect(states.map(({ state }) => state)).toEqual(["running"]);
    expect(losses.map(({ cause, samples }) => [cause, samples])).toEqual([
      ["subscriber", N],
      ["unannounced", N],
    ]);
  });

  it("counts missed frames, and leaves the waterfall empty where spectra were missed", () => {
    const { live, losses } = view();
    live.show(REQUEST);
    live.audio(frame(0, 0.5));
    live.missed("spectral");
    live.audio(frame(1, 0.5));
    live.missed("audio");
    live.audio(frame(5, 0.5));
    expect(losses).toMatchObject([{ cause: "subscriber", from_sample: 2 * N, samples: 3 * N }]);
  });

  it("leaves the waterfall empty where the spectra's own stream tells a gap", () => {
    const { live } = view();
    live.show(REQUEST);
    live.spectral(spectrum(0));
    live.spectral(spectrum(1));
    live.spectral(gap(2 * N, 2 * N + 9, "ring"));
    live.spectral(spectrum(2));
    const rows = live.tick()?.rows;
    expect(rows?.count).toBe(6);
    expect(rows?.bytes.subarray(2 * 2 * 2048, 5 * 2 * 2048).every((byte) => byte === 0)).toBe(true);
  });

  it("knows the rate of frames also while the clock is set", () => {
    const { live, now } = view();
    live.show(REQUEST);
    for (let n = 0; n < 60; n++) {
      now.monotonic_ms = n * 40;
      now.ms = n < 30 ? n * 40 : n * 40 - 3.6e6;
      live.audio(frame(n, 0.5));
      if (n > 2) expect(live.tick()?.head?.fps).toBeCloseTo(25);
    }
  });

  it("has no channel B for mono", () => {
    const { live } = view();
    live.show(REQUEST);
    live.audio(frame(0, 0.5, true));
    expect(live.tick()).toMatchObject({ levels: { b: null }, head: { channels: 1 }, wave: { stereo: false } });
  });

  it("counts what was not sent while the server gave none, as lost by the connection", () => {
    const { live, losses } = view();
    live.audio(frame(0, 0.5));
    live.cut("spectral");
    live.audio(frame(2, 0.5));
    live.cut("audio");
    live.audio(frame(4, 0.5));
    expect(losses.map(({ cause }) => cause)).toEqual(["unannounced", "connection"]);
  });
});

describe("LiveView, other messages", () => {
  it("takes kinds that it does not know and refuses what is not of the API", () => {
    const { live, losses, states } = view();
    live.show(REQUEST);
    live.tick();
    live.audio(word("weather", null));
    live.spectral(word("weather", null));
    live.spectral(word("state", { state: "running" }));
    expect([losses, states, live.tick()]).toEqual([[], [], null]);
    expect(() => live.audio(word("gap", []))).toThrow("gap without an object");
    expect(() => live.audio(word("gap", {}))).toThrow("gap without epoch");
    expect(() => live.audio(word("state", {}))).toThrow("without state");
    expect(() => live.audio({ ...frame(0, 0.5), place: null })).toThrow("frame without a place");
    expect(() => live.audio({ ...frame(0, 0.5), arrays: new Map() })).toThrow("frame without channel_a");
    expect(() => live.audio({ ...frame(0, 0.5), arrays: new Map([["channel_a", new Int16Array(N)]]) })).toThrow("is not f4");
    expect(() => live.spectral({ ...spectrum(0), meta: {} })).toThrow("without size");
  });

  it("counts what passed between two connections as lost, and leaves the waterfall empty there", () => {
    const { live, losses } = view();
    live.show(REQUEST);
    const estimate = (n: number) => ({ ...spectrum(n), meta: { size: 4096, window: "hann", unit: "dbfs", enbw_hz: 17.6, overlap: 0.5 } });
    for (const n of [0, 1]) live.spectral(estimate(n));
    live.audio(frame(1, 0.5));
    live.connectionLost();
    live.audio(frame(4, 0.5));
    live.spectral(estimate(4));
    expect(losses).toMatchObject([{ cause: "connection", samples: 2 * N }]);
    expect(live.tick()?.rows?.count).toBe(6);
  });
});

describe("LiveView, clips", () => {
  it("counts clipped samples by the level of their epoch, and those of no other", () => {
    const { live } = view();
    live.show({ ...REQUEST, clip: null });
    live.audio(frame(0, 0.5));
    expect(live.tick()?.levels?.a).toMatchObject({ clipped: 0, clipped_exact: true });
    live.audio(frame(1, 0.95));
    expect(live.tick()?.levels?.a.clipped).toBeNull();
    live.show(REQUEST);
    live.audio(frame(2, 0.95));
    expect(live.tick()?.levels?.a).toMatchObject({ clipped: N / 8, clipped_exact: false });
    live.clear();
    live.audio(frame(3, 0.95));
    expect(live.tick()?.levels?.b).toMatchObject({ clipped: N / 8, clipped_exact: true });
    live.clear();
    live.show({ ...REQUEST, clip: { epoch: "another", level: 0.1 } });
    live.audio(frame(4, 0.95));
    expect(live.tick()?.levels?.a.clipped).toBeNull();
  });

  it("clears the clips of one channel and nothing else, also when no frame follows", () => {
    const { live } = view();
    live.show(REQUEST);
    live.audio(frame(0, 0.95));
    live.audio(frame(1, 0.1));
    live.tick();
    live.clearClips("a");
    const levels = live.tick()?.levels;
    expect([levels?.a.clipped, levels?.b?.clipped]).toEqual([0, N / 8]);
    expect(levels?.a.hold_db).toBeCloseTo(-0.4, 1);
  });
});

describe("LiveView, maximum hold", () => {
  const holding = { ...REQUEST, spectrum: { ...REQUEST.spectrum, hold: true } };
  const held = (live: LiveView) => Math.max(...(live.tick()?.spectrum?.hold_a ?? []));

  it("begins when it is switched on, and anew when cleared", () => {
    const { live } = view();
    live.show(REQUEST);
    live.spectral(spectrum(0, 0.5));
    live.spectral(spectrum(1, 0.1));
    live.show(holding);
    expect(held(live)).toBeCloseTo(-20);
    live.spectral(spectrum(2, 0.5));
    live.spectral(spectrum(3, 0.1));
    expect(held(live)).toBeCloseTo(-6.02, 1);
    live.clear();
    expect(held(live)).toBeCloseTo(-20);
  });

  it("begins in a paused picture with what it shows", () => {
    const { live } = view();
    live.show(REQUEST);
    live.spectral(spectrum(0, 0.1));
    live.pause(true);
    live.spectral(spectrum(1, 0.5));
    live.show(holding);
    expect(held(live)).toBeCloseTo(-20);
  });
});
