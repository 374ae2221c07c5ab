import { expect, it } from "vitest";
import { LevelMeter } from "./level-meter";

const RATE = 48_000;
const frame = (amplitude: number) => Array.from({ length: 1600 }, (_, k) => amplitude * Math.sin((2 * Math.PI * k) / 16));

function play(meter: LevelMeter, amplitude: number, frames: number): void {
  for (let n = 0; n < frames; n++) meter.push(frame(amplitude), RATE, 1);
}

it("reads peak and RMS of a sine", () => {
  const meter = new LevelMeter();
  play(meter, 0.5, 90);
  expect(meter.level.peak_db).toBeCloseTo(-6.02, 2);
  expect(meter.level.rms_db).toBeCloseTo(-6.02, 2);
  expect(meter.level.clipped).toBe(0);
});

it("reads the RMS of a sine from its first frame on, and follows a change in 0.3 s", () => {
  const meter = new LevelMeter();
  for (let n = 0; n < 9; n++) {
    play(meter, 1, 1);
    expect(meter.level.rms_db).toBeCloseTo(0, 6);
  }
  play(meter, 1, 291);
  // After the time constant, 1 − 1/e of the power has gone.
  play(meter, 0, 9);
  expect(meter.level.rms_db).toBeCloseTo(-4.34, 1);
});

it("holds a peak for 1.5 s and lets it fall by 20 dB/s", () => {
  const meter = new LevelMeter();
  play(meter, 1 - 1e-6, 1);
  play(meter, 0.001, 44);
  expect(meter.level.hold_db).toBeCloseTo(0, 3);
  play(meter, 0.001, 30);
  expect(meter.level.hold_db).toBeCloseTo(-20, 0);
  play(meter, 0.001, 300);
  expect(meter.level.hold_db).toBeCloseTo(-60, 0);
});

it("latches clips until cleared", () => {
  const meter = new LevelMeter();
  play(meter, 1, 1);
  const { clipped } = meter.level;
  expect(clipped).toBeGreaterThan(0);
  play(meter, 0.1, 100);
  expect(meter.level.clipped).toBe(clipped);
  meter.clear();
  expect(meter.level.clipped).toBe(0);
  expect(meter.level.hold_db).toBeCloseTo(-20, 3);
});

it("does not know how many samples clipped in a frame of an unknown level, until cleared", () => {
  const meter = new LevelMeter();
  meter.push(frame(1), RATE, null);
  expect(meter.level).toMatchObject({ clipped: null, clipped_exact: false });
  play(meter, 0.1, 1);
  expect(meter.level.clipped).toBeNull();
  meter.push([1, -1, 0], RATE, 1);
  expect(meter.level).toMatchObject({ clipped: 2, clipped_exact: false });
  meter.clearClips();
  expect(meter.level).toMatchObject({ clipped: 0, clipped_exact: true });
});
