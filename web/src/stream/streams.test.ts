import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ToTab } from "./messages";
import { Streams, type Tab } from "./streams";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const STATE = 'event: state\ndata: {"state":"running"}\n\n';
const data = (id: number, text = "{}") => `id: ${id}\ndata: ${text}\n\n`;
const denial = () => new Response(JSON.stringify({ error: { code: "c", message: "because", status: 401 } }), { status: 401 });

/** A server with open streams that say what the test wants. */
function server() {
  const open = new Set<ReadableStreamDefaultController<Uint8Array>>();
  const told = { calls: 0, signed_in: true };
  const answer = (_url: string, { signal }: RequestInit) => {
    told.calls++;
    if (!told.signed_in) return denial();
    return new Response(
      new ReadableStream({
        start: (controller) => {
          open.add(controller);
          controller.enqueue(new TextEncoder().encode(STATE));
          signal?.addEventListener("abort", () => {
            open.delete(controller);
            controller.error(new Error("aborted"));
          });
        },
      }),
    );
  };
  const streams = new Streams({
    fetch: (async (url: string, init: RequestInit) => answer(url, init)) as typeof fetch,
    random: () => 0,
    now_ms: Date.now,
  });
  const say = async (text: string) => {
    for (const controller of open) controller.enqueue(new TextEncoder().encode(text));
    await vi.advanceTimersByTimeAsync(1);
  };
  return { streams, told, open, say };
}

/** A tab that takes everything at once, unless it is stuck. */
class TestTab {
  stuck = false;
  closed = false;
  readonly got: ToTab[] = [];
  private unanswered = 0;
  private readonly tab: Tab;

  constructor(streams: Streams) {
    const take = (message: ToTab) => {
      this.got.push(message);
      this.unanswered++;
      queueMicrotask(() => !this.stuck && this.answer());
    };
    this.tab = streams.join(take, () => (this.closed = true));
  }

  answer = (but = 0) => {
    for (; this.unanswered > but; this.unanswered--) this.tab.taken();
  };
  leave = () => this.tab.leave();
  retryNow = () => this.tab.retryNow();
  /** Of the events of `audio`; states have only a name. */
  ids = () =>
    this.got.flatMap((message) => (message.type === "event" && message.stream === "audio" ? [message.event.id ?? message.event.event] : []));
  phase = () => this.got.findLast((message) => message.type === "phase" && message.stream === "audio");
}

const join = (streams: Streams) => new TestTab(streams);
const settle = () => vi.advanceTimersByTimeAsync(1);

it("gives one pair of streams to all tabs, and to a late one what comes from then on", async () => {
  const { streams, told, say } = server();
  const [one, two] = [join(streams), join(streams)];
  await settle();
  await say(data(1));
  const late = join(streams);
  await say(data(2));
  expect(told.calls).toBe(2);
  for (const tab of [one, two]) expect(tab.ids()).toEqual(["state", "1", "2"]);
  expect(late.ids()).toEqual(["state", "2"]);
  expect(late.phase()).toMatchObject({ phase: { phase: "live" } });
});

it("closes the streams when the last tab leaves, and opens them for the next", async () => {
  const { streams, told, open, say } = server();
  const [one, two] = [join(streams), join(streams)];
  await settle();
  one.leave();
  await say(data(1));
  expect([open.size, two.ids().at(-1), one.ids().at(-1)]).toEqual([2, "1", "state"]);
  two.leave();
  await settle();
  expect(open.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  const next = join(streams);
  await settle();
  expect([open.size, told.calls, next.phase()]).toMatchObject([2, 4, { phase: { phase: "live" } }]);
});

it("closes the streams when the last tab answers no more, and opens them when it does", async () => {
  const { streams, open, say } = server();
  const [gone, asleep] = [join(streams), join(streams)];
  await settle();
  [gone.stuck, asleep.stuck] = [true, true];
  await vi.advanceTimersByTimeAsync(15_000);
  expect(open.size).toBe(2);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(open.size).toBe(0);
  asleep.stuck = false;
  asleep.answer();
  await settle();
  await say(data(1));
  expect([open.size, asleep.ids().at(-1)]).toEqual([2, "1"]);
});

it("keeps the streams open for a tab that answers, though never up to the last message", async () => {
  const { streams, told, say } = server();
  const behind = join(streams);
  await settle();
  behind.stuck = true;
  for (let n = 0; n < 60; n++) {
    await say(data(n));
    await vi.advanceTimersByTimeAsync(1_000);
    behind.answer(1);
  }
  expect(told.calls).toBe(2);
});

it("takes no tab for away because all slept", async () => {
  const { streams, told, say } = server();
  join(streams).stuck = true;
  await settle();
  vi.setSystemTime(Date.now() + 3_600_000);
  await vi.advanceTimersByTimeAsync(5_000);
  await say(data(1));
  expect(told.calls).toBe(2);
});

it("keeps the streams open for a tab that answers while nothing comes", async () => {
  const { streams, told, open, say } = server();
  join(streams);
  for (let n = 0; n < 10; n++) {
    await vi.advanceTimersByTimeAsync(20_000);
    await say(": nothing\n\n");
  }
  expect([open.size, told.calls]).toEqual([2, 2]);
});

it("reads no more than the fastest tab takes", async () => {
  const { streams, told, say } = server();
  const [stuck, slow] = [join(streams), join(streams)];
  await settle();
  [stuck.stuck, slow.stuck] = [true, true];
  const text = data(1, `"${"x".repeat(1_000_000)}"`);
  for (let n = 0; n < 20; n++) await say(text);
  const got = slow.got.length;
  expect(slow.ids().length).toBeLessThan(10);
  slow.stuck = false;
  slow.answer();
  await settle();
  expect(told.calls).toBe(2);
  expect(slow.got.length).toBeGreaterThan(got);
  expect(slow.ids().length).toBe(21);
  expect(stuck.ids().length).toBeLessThan(10);
  expect(slow.got.some(({ type }) => type === "missed")).toBe(false);
});

it("reads no more for a tab that is away, though it has room", async () => {
  const { streams, say } = server();
  const [away, slow] = [join(streams), join(streams)];
  await settle();
  away.stuck = true;
  await say(data(0));
  await vi.advanceTimersByTimeAsync(21_000);
  slow.stuck = true;
  const text = data(1, `"${"x".repeat(1_000_000)}"`);
  for (let n = 0; n < 20; n++) await say(text);
  expect(slow.ids().length).toBeLessThan(10);
  slow.stuck = false;
  slow.answer();
  await settle();
  expect(slow.ids().length).toBe(22);
});

it("forgets a tab that was away for an hour, and rests when the others leave", async () => {
  const { streams, open } = server();
  const [gone, here] = [join(streams), join(streams)];
  await settle();
  gone.stuck = true;
  await vi.advanceTimersByTimeAsync(3_500_000);
  expect(gone.closed).toBe(false);
  await vi.advanceTimersByTimeAsync(200_000);
  expect([gone.closed, here.closed, open.size]).toEqual([true, false, 2]);
  here.leave();
  await settle();
  expect([open.size, vi.getTimerCount()]).toEqual([0, 0]);
});

it("tells all tabs when the session has ended, and goes on in all when a tab joins with another", async () => {
  const { streams, told } = server();
  const [one, two] = [join(streams), join(streams)];
  await settle();
  told.signed_in = false;
  streams.askAgain();
  await settle();
  for (const tab of [one, two]) expect(tab.phase()).toMatchObject({ phase: { phase: "denied", code: "c" } });
  told.signed_in = true;
  const three = join(streams);
  await settle();
  for (const tab of [one, two, three]) expect(tab.phase()).toMatchObject({ phase: { phase: "live" } });
  expect(three.got.some((message) => message.type === "phase" && message.phase.phase === "denied")).toBe(false);
});

it("tries again at once for all when one tab asks for it", async () => {
  const { streams, told } = server();
  told.signed_in = false;
  const [one, two] = [join(streams), join(streams)];
  await settle();
  told.signed_in = true;
  one.retryNow();
  await settle();
  expect(two.phase()).toMatchObject({ phase: { phase: "live" } });
});
