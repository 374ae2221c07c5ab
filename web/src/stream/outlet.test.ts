import { expect, it } from "vitest";
import { event, frame, N, view } from "./live-view.fixture";
import type { ToTab } from "./messages";
import { BOUND_CHARS, Outlet } from "./outlet";

const FACTS: ToTab[] = [{ type: "phase", stream: "audio", phase: { phase: "live" } }];
const MEGABYTE = "x".repeat(1_000_000);
const data = (id: number) => ({ id: String(id), event: undefined, data: MEGABYTE });
const gap = (from: number, to: number) => event({ epoch: "e", from_sample: from, to_sample: to, cause: "device", exact: true }, "gap");

/** A tab that takes only when told to. */
function tab(facts = FACTS) {
  const sent: ToTab[] = [];
  const outlet = new Outlet({ post: (message) => sent.push(message), facts: () => facts });
  let taken = 0;
  const take = (count = sent.length - taken) => {
    for (let n = 0; n < count; n++) outlet.taken();
    taken += count;
  };
  return { outlet, sent, take };
}

const ids = (sent: ToTab[]) => sent.map((message) => (message.type === "event" ? Number(message.event.id) : message.type));

it("tells the facts first and gives everything in order to who takes it", () => {
  const { outlet, sent, take } = tab();
  for (let id = 0; id < 100; id++) {
    outlet.event("audio", data(id));
    take();
  }
  expect(ids(sent)).toEqual(["phase", ...Array.from({ length: 100 }, (_, id) => id)]);
});

it("keeps no more than the bound for a tab that does not take", () => {
  const { outlet, sent } = tab();
  for (let id = 0; id < 1000; id++) outlet.event("audio", data(id));
  const chars = sent.reduce((sum, message) => sum + (message.type === "event" ? message.event.data.length : 0), 0);
  expect(chars).toBeLessThanOrEqual(BOUND_CHARS);
  expect(chars).toBeGreaterThan(BOUND_CHARS / 2);
  for (let n = 0; n < 100_000; n++) outlet.tell({ type: "problem", message: "again" });
  expect(sent.length).toBeLessThan(20_000);
});

it("says that events were missed before the next one of the same stream, once", () => {
  const { outlet, sent, take } = tab();
  for (let id = 0; id < 20; id++) outlet.event("audio", data(id));
  const before = sent.length;
  take(1);
  outlet.event("audio", data(20));
  expect(sent.length).toBe(before);
  take();
  outlet.event("spectral", data(21));
  outlet.event("audio", data(22));
  outlet.event("audio", data(23));
  expect(ids(sent.slice(before))).toEqual([21, "missed", 22, 23]);
});

it("gives events beyond the bound to who has room, and what belongs to them", () => {
  const { outlet, sent } = tab([]);
  const long = "x".repeat(2 * BOUND_CHARS);
  outlet.event("audio", { ...data(0), data: long });
  outlet.event("spectral", data(1));
  outlet.event("audio", { ...gap(0, 1), id: "2" });
  outlet.event("audio", { ...data(3), data: long });
  outlet.event("audio", { ...gap(1, 2), id: "4" });
  expect(ids(sent)).toEqual([0, 1, 2, "missed", 4]);
});

it("loses nothing of events beyond the bound for who takes them, with a small one still unanswered", () => {
  const { outlet, sent, take } = tab([]);
  const long = "x".repeat(11_500_000);
  for (let id = 0; id < 8; id += 2) {
    outlet.event("spectral", { ...data(id), data: "x" });
    outlet.event("audio", { ...data(id + 1), data: long });
    take();
  }
  expect(ids(sent)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

it("tells the facts anew when some did not fit", () => {
  const { outlet, sent, take } = tab();
  for (let id = 0; id < 20; id++) outlet.event("audio", data(id));
  for (let n = 0; n < 10_000; n++) outlet.tell({ type: "phase", stream: "audio", phase: { phase: "connecting" } });
  take();
  expect(sent.at(-1)).toEqual(FACTS[0]);
});

it("counts the looks for which an answer is owed, and asks for one only when none is", () => {
  const { outlet, sent, take } = tab();
  outlet.look();
  outlet.look();
  expect([sent.length, outlet.silent_looks]).toEqual([1, 2]);
  take();
  expect(outlet.silent_looks).toBe(0);
  outlet.look();
  expect([sent.at(-1)?.type, outlet.silent_looks]).toEqual(["ping", 0]);
});

it("lets a tab count each sample that it missed once, and the announced ones under their own cause", () => {
  const { outlet, sent, take } = tab([]);
  const { live, losses } = view();
  const frames = 1200;
  for (let n = 0; n < frames; n++) {
    // Samples of the frame in the middle were lost by the device, while this tab takes nothing.
    if (n === frames / 2) outlet.event("audio", gap(n * N, (n + 1) * N));
    else outlet.event("audio", frame(n, 0.5));
  }
  take();
  outlet.event("audio", frame(frames, 0.5));
  let received = 0;
  for (const message of sent) {
    if (message.type === "missed") live.missed(message.stream);
    if (message.type !== "event") continue;
    live.audio(message.event);
    received += message.event.event === undefined ? N : 0;
  }
  expect(losses.map(({ cause }) => cause)).toEqual(["subscriber", "device", "subscriber"]);
  const lost = losses.reduce((sum, { samples }) => sum + (samples ?? 0), 0);
  expect(received + lost).toBe((frames + 1) * N);
});
