import { afterEach, expect, it, vi } from "vitest";
import { ApiError } from "../api/client";
import type { EventList } from "../api/types";
import { diskText, endText } from "../views/FoundEvents";
import { ALL_EVENTS } from "./event-query";
import { Explorer } from "./explorer";

const page = (ids: string[], cursor: string | null, complete = true): EventList => ({
  events: ids.map((id) => ({ id, event: "note", distinct_id: "ada", timestamp: "", properties: {}, session_id: null, environment: "" })),
  cursor,
  complete,
  looked_at: 10,
  durable_until: "run:7",
  flush_ms: 100,
});

const refuse = () => Promise.reject(new ApiError("history_unreadable", "the disk is away", 503));
const seen = (explorer: Explorer) => explorer.view.get().events.map(({ id }) => id).join("");

afterEach(() => vi.restoreAllMocks());

it("goes on by the cursor, and stops where there is nothing more", async () => {
  const cursors: (string | undefined)[] = [];
  const explorer = new Explorer(async (_, { cursor }) => {
    cursors.push(cursor);
    return cursor === undefined ? page(["d", "c"], "2") : page(["b", "a"], null);
  });
  await explorer.search(ALL_EVENTS);
  expect(endText(explorer.view.get())).toBe("2 found, 10 looked at. There are older ones.");
  await explorer.older();
  await explorer.older();
  expect([seen(explorer), cursors]).toEqual(["dcba", [undefined, "2"]]);
  expect(endText(explorer.view.get())).toBe("4 found, 20 looked at. There is nothing older.");
});

it("does not take a search that was cut short for one that found nothing", async () => {
  const explorer = new Explorer(async (_, { cursor }) => page([], cursor === undefined ? "2" : null, cursor !== undefined));
  await explorer.search(ALL_EVENTS);
  expect(endText(explorer.view.get())).toMatch(/^0 found, 10 looked at\. The server looks at no more/);
  await explorer.older();
  expect(endText(explorer.view.get())).toBe("Nothing of this has happened (20 looked at).");
});

it("keeps what it has when a page fails, and tries that page again", async () => {
  let fails = false;
  const explorer = new Explorer(async (_, { cursor }) => (fails ? refuse() : page([cursor ?? "z"], "2")));
  await explorer.search(ALL_EVENTS);
  fails = true;
  await explorer.older();
  expect([seen(explorer), explorer.view.get().fault?.message]).toEqual(["z", "the disk is away"]);
  fails = false;
  await explorer.older();
  expect([seen(explorer), explorer.view.get().fault]).toEqual(["z2", null]);
});

it("forgets the answer to a question that is not asked any more", async () => {
  const answers: ((list: EventList) => void)[] = [];
  const explorer = new Explorer(() => new Promise((resolve) => void answers.push(resolve)));
  const [first, second] = [explorer.search(ALL_EVENTS), explorer.search(ALL_EVENTS)];
  answers[1]?.(page(["new"], null));
  answers[0]?.(page(["old"], null));
  await Promise.all([first, second]);
  expect(seen(explorer)).toBe("new");
});

it("says what is on disk", () => {
  expect(diskText({ durable_until: "run:1234", flush_ms: 100 })).toBe("On disk: up to no. 1\u202f234 of this run; after 100 ms at most");
  expect(diskText({ durable_until: null, flush_ms: 100 })).toMatch(/none of this run yet/);
  expect(diskText({ durable_until: null, flush_ms: null })).toBe("Events are kept in memory only");
});
