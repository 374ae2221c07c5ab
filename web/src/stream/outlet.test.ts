import { expect, it } from "vitest";
import type { BinaryMessage } from "@photophone/client/wire";
import { frame, gap, N, view } from "./live-view.fixture";
import type { ToTab } from "./messages";
import { BOUND_BYTES, Outlet } from "./outlet";

const FACTS: ToTab[] = [{ type: "phase", phase: { phase: "live" } }];
/** A message that can be told from others by its number. */
function data(id: number, bytes = 1_000_000): ArrayBuffer {
  const buffer = new ArrayBuffer(bytes);
  new DataView(buffer).setUint32(0, id);
  return buffer;
}

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

const ids = (sent: ToTab[]) => sent.map((message) => (message.type === "message" ? new DataView(message.data).getUint32(0) : message.type));

it("tells the facts first and gives everything in order to who takes it", () => {
  const { outlet, sent, take } = tab();
  for (let id = 0; id < 100; id++) {
    outlet.message("audio", data(id), "frame");
    take();
  }
  expect(ids(sent)).toEqual(["phase", ...Array.from({ length: 100 }, (_, id) => id)]);
});

it("keeps no more than the bound for a tab that does not take", () => {
  const { outlet, sent } = tab();
  for (let id = 0; id < 1000; id++) outlet.message("audio", data(id), "frame");
  const bytes = sent.reduce((sum, message) => sum + (message.type === "message" ? message.data.byteLength : 0), 0);
  expect(bytes).toBeLessThanOrEqual(BOUND_BYTES);
  expect(bytes).toBeGreaterThan(BOUND_BYTES / 2);
  for (let n = 0; n < 100_000; n++) outlet.tell({ type: "problem", message: "again" });
  expect(sent.length).toBeLessThan(20_000);
});

it("says that events were missed before the next one of the same stream, once", () => {
  const { outlet, sent, take } = tab();
  for (let id = 0; id < 20; id++) outlet.message("audio", data(id), "frame");
  const before = sent.length;
  take(1);
  outlet.message("audio", data(20), "frame");
  expect(sent.length).toBe(before);
  take();
  outlet.message("spectral", data(21), "frame");
  outlet.message("audio", data(22), "frame");
  outlet.message("audio", data(23), "frame");
  expect(ids(sent.slice(before))).toEqual([21, "missed", 22, 23]);
});

it("gives events beyond the bound to who has room, and what belongs to them", () => {
  const { outlet, sent } = tab([]);
  const long = 2 * BOUND_BYTES;
  outlet.message("audio", data(0, long), "frame");
  outlet.message("spectral", data(1), "spectrum");
  outlet.message("audio", data(2, 200), "gap");
  outlet.message("audio", data(3, long), "frame");
  outlet.message("audio", data(4, 200), "gap");
  expect(ids(sent)).toEqual([0, 1, 2, "missed", 4]);
});

it("loses nothing of events beyond the bound for who takes them, with a small one still unanswered", () => {
  const { outlet, sent, take } = tab([]);
  for (let id = 0; id < 8; id += 2) {
    outlet.message("spectral", data(id, 8), "spectrum");
    outlet.message("audio", data(id + 1, 11_500_000), "frame");
    take();
  }
  expect(ids(sent)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

it("tells the facts anew when some did not fit", () => {
  const { outlet, sent, take } = tab();
  for (let id = 0; id < 20; id++) outlet.message("audio", data(id), "frame");
  for (let n = 0; n < 10_000; n++) outlet.tell({ type: "phase", phase: { phase: "connecting" } });
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
  const messages = new Map<ArrayBuffer, BinaryMessage>();
  const give = (message: BinaryMessage) => {
    const bytes = data(0, message.kind === "frame" ? 13_000 : 300);
    messages.set(bytes, message);
    outlet.message("audio", bytes, message.kind);
  };
  // Samples of the frame in the middle were lost by the device, while this tab takes nothing.
  for (let n = 0; n < frames; n++) give(n === frames / 2 ? gap(n * N, (n + 1) * N) : frame(n, 0.5));
  take();
  give(frame(frames, 0.5));
  let received = 0;
  for (const message of sent) {
    if (message.type === "missed") live.missed("audio");
    if (message.type !== "message") continue;
    const told = messages.get(message.data) as BinaryMessage;
    live.audio(told);
    received += told.kind === "frame" ? N : 0;
  }
  expect(losses.map(({ cause }) => cause)).toEqual(["subscriber", "device", "subscriber"]);
  const lost = losses.reduce((sum, { samples }) => sum + (samples ?? 0), 0);
  expect(received + lost).toBe((frames + 1) * N);
});

it("tells of what was not asked for on its behalf before the next of it", () => {
  const { outlet, sent } = tab([]);
  outlet.miss("audio");
  outlet.message("spectral", data(0, 8), "spectrum");
  outlet.message("audio", data(1, 8), "frame");
  expect(ids(sent)).toEqual([0, "missed", 1]);
});
