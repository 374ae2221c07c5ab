import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LabEvent } from "../api/types";
import { EventLog, HELD_MAX, LINES_MAX } from "./event-log";

const event = (n: number, id = `e${n}`): LabEvent => ({
  id,
  event: "note",
  distinct_id: "ada",
  timestamp: new Date(1_750_000_000_000 + n * 1000).toISOString(),
  properties: { n },
  session_id: null,
  environment: "test",
});

let log: EventLog;

beforeEach(() => {
  vi.useFakeTimers();
  log = new EventLog();
});

afterEach(() => vi.useRealTimers());

/** Numbers of the events, and what is said of missed ones. */
const shown = () => log.view.get().lines.map((line) => (line.event ? line.event.properties["n"] : `${line.why} ${line.missed}`));
const add = (from: number, to: number) => {
  for (let n = from; n <= to; n++) log.add(event(n));
  vi.runAllTimers();
};

it("shows the newest first, each once, and not more often than can be read", () => {
  const told = vi.fn();
  log.view.subscribe(told);
  add(1, 3);
  log.add(event(2));
  vi.runAllTimers();
  expect(shown()).toEqual([3, 2, 1]);
  expect(told).toHaveBeenCalledTimes(1);
});

it("tells what was missed where it was missed", () => {
  add(1, 1);
  log.miss(7, "server");
  add(2, 2);
  log.miss(null, "server");
  vi.runAllTimers();
  expect(shown()).toEqual(["server null", 2, "server 7", 1]);
});

it("keeps as many lines as it says, and says that there were more", () => {
  for (let n = 1; n <= LINES_MAX + 5; n += 500) add(n, Math.min(n + 499, LINES_MAX + 5));
  expect(shown()).toHaveLength(LINES_MAX);
  expect([shown()[0], log.view.get().cut]).toEqual([LINES_MAX + 5, true]);
  log.add(event(1));
  vi.runAllTimers();
  expect(shown()[0], "what left the list may come again").toBe(1);
});

describe("while it stands still", () => {
  it("counts what comes, and shows it afterwards", () => {
    add(1, 2);
    log.pause(true);
    add(3, 6);
    expect([shown(), log.view.get().held]).toEqual([[2, 1], 4]);
    log.pause(false);
    expect([shown(), log.view.get().held]).toEqual([[6, 5, 4, 3, 2, 1], 0]);
  });

  it("loses nothing up to its bound", () => {
    add(1, LINES_MAX - HELD_MAX);
    log.pause(true);
    add(LINES_MAX - HELD_MAX + 1, LINES_MAX);
    expect(log.view.get().held).toBe(HELD_MAX);
    log.pause(false);
    expect(shown()).toEqual(Array.from({ length: LINES_MAX }, (_, n) => LINES_MAX - n));
  });

  it("tells beyond it how many of the oldest are gone, and where", () => {
    add(1, 2);
    log.pause(true);
    add(3, HELD_MAX + 12);
    expect(log.view.get().held).toBe(HELD_MAX + 10);
    log.pause(false);
    expect(shown().slice(HELD_MAX - 1)).toEqual([13, "held 10", 2, 1]);
  });

  it("does not forget that an unknown number was missed", () => {
    log.pause(true);
    log.miss(null, "server");
    log.miss(4, "server");
    add(1, HELD_MAX);
    log.pause(false);
    expect(shown().slice(HELD_MAX)).toEqual(["held 4", "server null"]);
  });

  it("holds back what is fetched, too", () => {
    add(5, 5);
    log.pause(true);
    log.takePast([event(6), event(5)], false);
    vi.runAllTimers();
    expect([shown(), log.view.get().held]).toEqual([[5], 1]);
    log.pause(false);
    expect(shown()).toEqual([6, 5]);
  });
});

describe("what is fetched", () => {
  it("stands by its time among what is there, once", () => {
    add(4, 4);
    add(9, 9);
    log.takePast([event(9), event(7), event(3)], true);
    expect([shown(), log.view.get().cut]).toEqual([[9, 7, 4, 3], false]);
  });

  it("fills an empty list, and says whether there are older ones", () => {
    log.add(event(3));
    log.takePast([event(3), event(2)], true);
    expect(shown()).toEqual([3, 2]);
  });

  it("says that it does not reach back to what is there", () => {
    add(1, 2);
    log.takePast([event(9), event(8)], true);
    expect(shown()).toEqual([9, 8, "away null", 2, 1]);
  });
});

it("begins anew", () => {
  add(1, 3);
  log.pause(true);
  add(4, 4);
  log.clear();
  add(1, 1);
  expect([shown(), log.view.get().paused]).toEqual([[1], false]);
});
