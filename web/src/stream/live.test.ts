import { expect, it } from "vitest";
import { Live } from "./live";
import { place, REQUEST, view } from "./live-view.fixture";

const CROSS = { kind: "spectral", query: "cross=true" };
const LOCKIN = { kind: "lockin", query: "" };

/** A cross-spectrum, or an event that has none yet. */
function estimate(cross: boolean) {
  const line = () => new Float32Array(2049).fill(0.1);
  const arrays = new Map(cross ? ["cross_magnitude", "cross_phase", "cross_coherence"].map((name) => [name, line()]) : []);
  return { kind: "spectrum", feed: 4, place: place(0), arrays, meta: { size: 4096, averages: cross ? 2 : 1 } } as never;
}

/** The page's end, which takes the ticks of a worker's mind. */
function page() {
  const worker = Object.assign(new EventTarget(), { postMessage: () => {} });
  const cost = { measure: (work: () => void) => work() };
  const live = new Live(worker as never, { invalidate: () => {} } as never, cost as never, REQUEST);
  const mind = view().live;
  mind.show({ ...REQUEST, feeds: { ...REQUEST.feeds, cross: CROSS, lockin: LOCKIN } });
  const tick = () => worker.dispatchEvent(new MessageEvent("message", { data: mind.tick() }));
  return { live, mind, tick };
}

it("goes on showing a panel while nothing is new, and stops when there is nothing to show any more", () => {
  const { live, mind, tick } = page();
  mind.cross(estimate(true));
  tick();
  const shown = live.cross;
  expect(shown?.averages).toBe(2);
  mind.clear();
  tick();
  expect(live.cross).toBe(shown);
  // Behind a gap the average begins anew.
  mind.cross(estimate(false));
  tick();
  expect(live.cross).toBeNull();
});
