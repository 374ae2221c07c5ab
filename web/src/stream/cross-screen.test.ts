import { expect, it } from "vitest";
import type { BinaryMessage } from "@photophone/client/wire";
import { CrossScreen, type CrossView } from "./cross-screen";
import { place } from "./live-view.fixture";

const BINS = 2049;
const REQUEST = { scale: "log", lo_hz: null, hi_hz: null, columns: 300 } as const;

/** A tone in bin 171 with B a quarter turn behind, noise in the others. */
function estimate(cross: boolean): BinaryMessage {
  const bin = (tone: number, noise: number) => Float32Array.from({ length: BINS }, (_, k) => (k === 171 ? tone : noise));
  const both = [["cross_magnitude", bin(0.1, 1e-5)], ["cross_phase", bin(-Math.PI / 2, 2)], ["cross_coherence", bin(0.999, 0.1)]] as const;
  return { kind: "spectrum", feed: 4, place: place(0), arrays: new Map(cross ? both : []), meta: { size: 4096, averages: 12 } };
}

it("shows magnitude, phase and coherence of the loudest bin of each column", () => {
  const screen = new CrossScreen();
  screen.push(estimate(true));
  const view = screen.view(REQUEST);
  expect(view?.peak?.hz).toBeCloseTo((171 * 48_000) / 4096);
  expect(view?.peak?.level_db).toBeCloseTo(-20, 4);
  expect(view?.peak?.phase_deg).toBeCloseTo(-90, 4);
  expect(view?.averages).toBe(12);
  const at = view?.level_db.indexOf(Math.max(...view.level_db)) ?? 0;
  expect(view?.phase_deg[at]).toBeCloseTo(-90, 4);
  expect(view?.coherence[at]).toBeCloseTo(0.999, 6);
  expect(view?.coherence.length).toBe(view?.x.length);
});

it("shows a phase only where the channels have more in common than noise has by chance", () => {
  const screen = new CrossScreen();
  screen.push(estimate(true));
  const { x, coherence, phase_holes } = screen.view({ ...REQUEST, scale: "linear" }) as CrossView;
  // Twelve averages: 1 − 0.05^(1/11) = 0.238, above that of the noise here.
  const at = coherence.findIndex((value) => value > 0.238);
  const between = (one: number, other: number) => ((x[one] as number) + (x[other] as number)) / 2;
  const expected = [x[0], between(at - 1, at), between(at, at + 1), x.at(-1)] as number[];
  expect([...phase_holes].map((edge) => edge.toFixed(6))).toEqual(expected.map((edge) => edge.toFixed(6)));
});

it("looks for the peak within the band only", () => {
  const screen = new CrossScreen();
  screen.push(estimate(true));
  expect(screen.view({ ...REQUEST, lo_hz: 5000 })?.peak?.coherence).toBeCloseTo(0.1, 6);
});

it("shows nothing before there are two averages, and nothing of another feed", () => {
  const screen = new CrossScreen();
  expect(screen.view(REQUEST)).toBeNull();
  screen.push(estimate(false));
  expect(screen.view(REQUEST)).toBeNull();
  screen.push(estimate(true));
  screen.clear();
  expect(screen.view(REQUEST)).toBeNull();
});
