import { expect, it } from "vitest";
import type { BinaryMessage } from "@photophone/client/wire";
import { place } from "./live-view.fixture";
import { LockinScreen } from "./lockin-screen";

const N = 4800;
const demodulated = (amplitude: number, phase_deg: number) => {
  const phase = (phase_deg * Math.PI) / 180;
  return { amplitude, phase, x: amplitude * Math.cos(phase), y: amplitude * Math.sin(phase), noise_density: null };
};

/** The reading of a tenth of a second, number `n` of its epoch. */
function reading(n: number, phase_deg = 0, change: object = {}): BinaryMessage {
  const at = { ...place(0), first_sample: n * N, samples: N, captured_us: 1e15 + n * 1e5, ...change };
  const meta = { reference: "tracked", n: n * N, channel_a: demodulated(0.1 + n / 100, phase_deg), channel_b: n % 2 ? demodulated(0.2, -90) : null };
  return { kind: "lockin", feed: 3, place: at, arrays: new Map(), meta };
}

it("has readings of the span by their age, and empty values where a channel has none", () => {
  const screen = new LockinScreen();
  expect(screen.view(60)).toBeNull();
  for (let n = 0; n < 5; n++) screen.push(reading(n));
  const view = screen.view(0.25);
  expect([...(view?.x ?? [])].map((x) => x.toFixed(2))).toEqual(["-0.20", "-0.10", "0.00"]);
  expect(view?.amplitude_a[2]).toBeCloseTo(0.14);
  expect([...(view?.amplitude_b ?? [])]).toEqual([Number.NaN, Math.fround(0.2), Number.NaN]);
  expect(view?.phase_b_deg[1]).toBeCloseTo(-90);
  expect(view?.newest.n).toBe(4 * N);
  expect(view?.holes).toHaveLength(0);
});

it("shows the time between readings that do not follow each other", () => {
  const screen = new LockinScreen();
  for (const n of [0, 1, 5, 6]) screen.push(reading(n));
  expect([...(screen.view(60)?.holes ?? [])].map((x) => x.toFixed(2))).toEqual(["-0.50", "-0.20"]);
  screen.push(reading(0, 0, { epoch: "f", captured_us: 1e15 + 1e6 }));
  expect([...(screen.view(60)?.holes ?? [])].map((x) => x.toFixed(2))).toEqual(["-0.90", "-0.60", "-0.40", "-0.10"]);
});

it("draws a phase that passes 180° without a jump, the newest between −180° and 180°", () => {
  const screen = new LockinScreen();
  [170, 178, -175, -179, 179, -178].forEach((phase_deg, n) => screen.push(reading(n, phase_deg)));
  expect([...(screen.view(60)?.phase_a_deg ?? [])].map(Math.round)).toEqual([-190, -182, -175, -179, -181, -178]);
});

it("forgets the readings of another filter, and is bounded", () => {
  const screen = new LockinScreen();
  for (let n = 0; n < 4100; n++) screen.push(reading(n));
  expect(screen.view(1e6)?.x).toHaveLength(4000);
  screen.clear();
  expect(screen.view(60)).toBeNull();
});
