import type { RealtimeEvent, Subscription } from "@photophone/client";
import type { Phase } from "@photophone/client/parts";
import { expect, it, vi } from "vitest";
import type { LabEvent } from "../api/types";
import { EventFeed } from "./event-feed";
import { EventLog } from "./event-log";

function lab() {
  const calls: string[] = [];
  const told: { phase: (phase: Phase | null) => void; lagged: (lagged: { missed: number | null }) => void; event: (event: RealtimeEvent) => void } = {
    phase: () => {},
    lagged: () => {},
    event: () => {},
  };
  const client = {
    connectSSE: (subscription: Subscription = {}) => void calls.push(`connect ${subscription.events?.join(",")}`),
    disconnect: () => void calls.push("disconnect"),
    retryNow: () => void calls.push("retry"),
    on: (_: string, callback: (event: RealtimeEvent) => void) => ((told.event = callback), () => {}),
    onLagged: (callback: typeof told.lagged) => ((told.lagged = callback), () => {}),
    onPhase: (callback: typeof told.phase) => ((told.phase = callback), () => {}),
    onProblem: () => () => {},
  };
  const log = new EventLog();
  const past = vi.fn(async (): Promise<{ events: LabEvent[]; more: boolean }> => ({ events: [], more: false }));
  return { calls, told, log, past, feed: new EventFeed({ client: client as never, log, past }) };
}

it("is connected while it is seen, and anew for other events", () => {
  const { calls, feed } = lab();
  feed.follow({ events: ["a"] });
  expect(calls).toEqual(["disconnect"]);
  feed.show(true);
  feed.show(true);
  feed.follow({ events: ["b"] });
  feed.show(false);
  feed.show(true);
  expect(calls.slice(1)).toEqual(["connect a", "connect b", "disconnect", "connect b"]);
});

it("fetches what came before once for each time that it connects", async () => {
  const { told, past, feed } = lab();
  feed.follow({ events: ["a"] });
  feed.show(true);
  for (const phase of ["live", "connecting", "live"] as const) told.phase({ phase });
  expect(past).toHaveBeenCalledTimes(1);
  feed.show(false);
  feed.show(true);
  told.phase({ phase: "live" });
  expect(past).toHaveBeenCalledTimes(2);
});

it("takes no past of events that are not followed any more", async () => {
  const { told, past, log, feed } = lab();
  const fill = vi.spyOn(log, "takePast");
  feed.follow({ events: ["a"] });
  feed.show(true);
  told.phase({ phase: "live" });
  feed.follow({ events: ["b"] });
  await Promise.all(past.mock.results.map(({ value }) => value as Promise<unknown>));
  expect(fill).not.toHaveBeenCalled();
});

it("says that what came before is missing, and what the server did not send", async () => {
  const { told, past, log, feed } = lab();
  past.mockRejectedValue(new Error("the disk is away"));
  const miss = vi.spyOn(log, "miss");
  feed.follow({});
  feed.show(true);
  told.phase({ phase: "live" });
  told.lagged({ missed: 3 });
  await vi.waitFor(() => expect(feed.facts.get().fault).toBe("what came before is missing: the disk is away"));
  expect(miss.mock.calls).toEqual([[3, "server"]]);
});
