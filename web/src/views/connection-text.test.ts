import { describe, expect, it } from "vitest";
import type { Facts } from "../stream/live";
import { NO_LOSSES } from "../stream/loss-ledger";
import { connectionText, sourceNotice, stateText } from "./connection-text";

const head = { duration_ms: 33, arrived_ms: 10_000 } as Facts["head"];
const facts = (change: Partial<Facts>): Facts => ({
  head,
  levels: null,
  peak_a: null,
  peak_b: null,
  spectrum: null,
  wave: null,
  lockin: null,
  cross: null,
  phase: { phase: "live" },
  faults: { audio: null, spectral: null, lockin: null, cross: null },
  state: { state: "running", reason: null, epoch: "e", sample_rate: 48_000, channels: 2 },
  losses: NO_LOSSES,
  protocol: null,
  paused: false,
  row_ms: 0,
  row_level: null,
  ...change,
});

describe("connectionText", () => {
  it("says live only while frames come", () => {
    expect(connectionText(facts({}), 10_100).label).toBe("live");
    expect(connectionText(facts({}), 13_500).label).toBe("no frame for 3 s");
    expect(connectionText(facts({ head: null }), 0).label).toBe("no frame yet");
    const flowing = [facts({}), facts({ head: null })].map((each) => connectionText(each, 10_100).flowing);
    expect([...flowing, connectionText(facts({}), 13_500).flowing]).toEqual([true, false, false]);
  });

  it("knows silence that the source's state does not explain", () => {
    const silent = (state: string | null) =>
      connectionText(facts({ state: state === null ? null : { state, reason: null, epoch: "e", sample_rate: null, channels: null } }), 13_500).silent;
    expect(["running", "silent", null].map(silent)).toEqual([true, true, true]);
    expect(["finished", "waiting_for_device", "stalled", "starting"].map(silent)).toEqual([false, false, false, false]);
    expect([connectionText(facts({}), 11_000).silent, connectionText(facts({ head: null }), 0).silent]).toEqual([false, false]);
  });

  it("allows for slow frame rates", () => {
    const slow = { ...head, duration_ms: 10_000 } as Facts["head"];
    expect(connectionText(facts({ head: slow }), 25_000).label).toBe("live");
  });

  it("tells why the connection was lost and when the next attempt is", () => {
    const waiting = { phase: "waiting", reason: "gone", retry_at_ms: 12_400 } as const;
    const text = connectionText(facts({ phase: waiting }), 10_000);
    expect(text).toEqual({ tone: "bad", label: "reconnecting in 3 s", spoken: "reconnecting", detail: "gone", lost: true, flowing: false, silent: false });
  });
});

it("does not know the source's state without a connection", () => {
  expect(stateText(facts({}), false).label).toBe("running");
  expect(stateText(facts({}), true).label).toBe("source —");
});

it("tells at length why the source delivers nothing, once", () => {
  const reason = { code: "file_unreadable", message: "cannot open /lab/x.wav: no such file" };
  const told = (state: string) => {
    const now = facts({ state: { state, reason, epoch: "e", sample_rate: null, channels: null } });
    return { at_length: sourceNotice(now, false), in_short: stateText(now, false).detail };
  };
  expect(told("finished").at_length?.ended).toBe(true);
  for (const [state, title] of [
    ["failed", "Source failed"],
    ["waiting_for_device", "Source waiting for device"],
    ["reopening", "Source reopening"],
    ["stalled", "Source stalled"],
  ] as const) {
    expect(told(state)).toMatchObject({ at_length: { title, ...reason, ended: false }, in_short: "" });
  }
  expect(told("silent")).toEqual({ at_length: null, in_short: reason.message });
  expect(sourceNotice(facts({}), false)).toBeNull();
});
