import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { FromTab, ToTab } from "./messages";
import { TabPort } from "./tab-port";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

class FakePort extends EventTarget {
  readonly sent: FromTab[] = [];
  open = false;
  start = () => void (this.open = true);
  close = () => void (this.open = false);
  postMessage = (word: FromTab) => void this.sent.push(word);
  say = (data: ToTab) => this.dispatchEvent(new MessageEvent("message", { data }));
}

function take() {
  const port = new FakePort();
  const got: string[] = [];
  const tab = new TabPort(port as unknown as MessagePort, { receive: ({ type }) => got.push(type), onGone: () => got.push("gone") });
  return { port, got, tab };
}

it("answers each message", () => {
  const { port, got, tab } = take();
  port.say({ type: "ping" });
  tab.retryNow();
  const feeds = [{ kind: "audio", query: "" }];
  tab.want(feeds);
  expect([got, port.sent, port.open]).toEqual([["ping"], [{ type: "taken" }, { type: "retry" }, { type: "want", feeds }], true]);
});

it("takes the streams for gone after silence, once", () => {
  const { port, got } = take();
  for (let n = 0; n < 10; n++) {
    vi.advanceTimersByTime(14_000);
    port.say({ type: "ping" });
  }
  expect(got).not.toContain("gone");
  vi.advanceTimersByTime(14_000);
  expect(got).not.toContain("gone");
  vi.advanceTimersByTime(6_000);
  expect([got.at(-1), port.open, vi.getTimerCount()]).toEqual(["gone", false, 0]);
});

it("hears streams that never said anything as gone, too", () => {
  const { got } = take();
  vi.advanceTimersByTime(20_000);
  expect(got).toEqual(["gone"]);
});

it("does not take a pause of its own for silence", () => {
  const { port, got } = take();
  // As after a minute frozen: one look, and what came meanwhile.
  vi.setSystemTime(Date.now() + 60_000);
  vi.advanceTimersByTime(5_000);
  port.say({ type: "ping" });
  vi.advanceTimersByTime(10_000);
  expect(got).toEqual(["ping"]);
});

it("is quiet after its own end", () => {
  const { tab, got } = take();
  tab.close();
  vi.advanceTimersByTime(60_000);
  expect(got).toEqual([]);
});
