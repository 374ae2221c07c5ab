import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FakeSocket, feedOf, message, refusal, settle } from "../../client/src/fake-server.fixture";
import { type Feed, FRAMES, keyOf, SPECTRA } from "./feeds";
import type { ToTab } from "./messages";
import { Streams, type Tab } from "./streams";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const LEVELS = { kind: "levels", query: "fps=5" };

/** A server that answers each word, and says what the test wants. */
function server() {
  const told = { sockets: [] as FakeSocket[], signed_in: true };
  const streams = new Streams({
    open: () => {
      const socket = new FakeSocket();
      told.sockets.push(socket);
      queueMicrotask(() => (told.signed_in ? socket.open() : socket.fail()));
      return socket as unknown as WebSocket;
    },
    fetch: (async () => refusal(401)) as typeof fetch,
    random: () => 0,
    now_ms: Date.now,
  });
  const open = () => told.sockets.filter(({ closed }) => !closed);
  /** What it was asked since the last answer. */
  const asked = () => open().flatMap(({ sent }) => sent.filter(({ type }) => type !== "ping").map(({ type, kind = "" }) => `${type} ${kind}`.trim()));
  const answer = () => open().forEach((socket) => socket.answer());
  const say = async (kind: string, bytes = 8) => {
    answer();
    for (const socket of open()) socket.say(message(feedOf(kind), "data", bytes));
    await settle();
  };
  return { streams, told, open, asked, answer, say };
}

/** A tab that takes everything at once, unless it is stuck. */
class TestTab {
  stuck = false;
  closed = false;
  readonly got: ToTab[] = [];
  readonly tab: Tab;
  private unanswered = 0;

  constructor(streams: Streams, feeds: Feed[]) {
    const take = (told: ToTab) => {
      this.got.push(told);
      this.unanswered++;
      queueMicrotask(() => !this.stuck && this.answer());
    };
    this.tab = streams.join(take, () => (this.closed = true));
    this.tab.want(feeds);
  }

  answer = (but = 0) => {
    for (; this.unanswered > but; this.unanswered--) this.tab.taken();
  };
  leave = () => this.tab.leave();
  /** Of each message its feed, and what comes without one by its type. */
  feeds = () => this.got.flatMap((told) => (told.type === "message" ? [told.feed] : told.type === "missed" ? ["missed"] : []));
  count = (feed: Feed) => this.feeds().filter((each) => each === keyOf(feed)).length;
  phase = () => this.got.findLast(({ type }) => type === "phase");
  fault = () => this.got.findLast((told) => told.type === "fault" && told.reason !== null);
}

const BOTH = [FRAMES, SPECTRA];
const join = (streams: Streams, feeds = BOTH) => new TestTab(streams, feeds);

it("gives all tabs what they want by one socket, and a late one what comes from then on", async () => {
  const { streams, told, say, asked } = server();
  const [one, two] = [join(streams), join(streams, [FRAMES, LEVELS])];
  await settle();
  expect(asked()).toEqual(["subscribe audio", "subscribe spectral", "subscribe levels"]);
  await say("audio");
  await say("levels");
  const late = join(streams);
  await say("audio");
  expect(told.sockets.length).toBe(1);
  // States, then data.
  expect(one.feeds()).toEqual(["audio?", "spectral?", "audio?", "audio?"]);
  expect(two.feeds()).toEqual(["audio?", "levels?fps=5", "audio?", "levels?fps=5", "audio?"]);
  expect(late.feeds()).toEqual(["audio?", "spectral?", "audio?"]);
  expect(late.phase()).toMatchObject({ phase: { phase: "live" } });
});

it("watches what a tab wants anew, and not what nobody wants any more", async () => {
  const { streams, answer, asked, say } = server();
  const [one, two] = [join(streams), join(streams)];
  await settle();
  answer();
  one.tab.want([FRAMES, LEVELS]);
  expect(asked()).toEqual(["subscribe levels"]);
  answer();
  two.tab.want([FRAMES]);
  expect(asked()).toEqual(["unsubscribe"]);
  await say("spectral");
  await say("levels");
  expect([one.count(LEVELS), one.count(SPECTRA), two.count(SPECTRA), two.count(LEVELS)]).toEqual([2, 1, 1, 0]);
  expect([...one.feeds(), ...two.feeds()]).not.toContain("missed");
});

it("tells the tabs of a feed, and no other, that the server refuses it", async () => {
  const { streams, open } = server();
  const [one, two] = [join(streams, [FRAMES]), join(streams, [LEVELS])];
  await settle();
  const [socket] = open();
  const id = socket?.sent.find(({ kind }) => kind === "levels")?.id;
  socket?.say({ type: "error", id, error: { message: "too many feeds" } });
  const late = join(streams, [LEVELS]);
  await settle();
  for (const tab of [two, late]) expect(tab.fault()).toEqual({ type: "fault", feed: "levels?fps=5", reason: "too many feeds" });
  expect(one.fault()).toBeUndefined();
});

it("closes the socket when the last tab leaves, and opens one for the next", async () => {
  const { streams, told, open, say } = server();
  const [one, two] = [join(streams), join(streams)];
  await settle();
  one.leave();
  await say("audio");
  expect([open().length, two.count(FRAMES), one.count(FRAMES)]).toEqual([1, 2, 0]);
  two.leave();
  await settle();
  expect([open().length, vi.getTimerCount()]).toEqual([0, 0]);
  const next = join(streams);
  await settle();
  await say("audio");
  expect([open().length, told.sockets.length, next.phase()]).toMatchObject([1, 2, { phase: { phase: "live" } }]);
});

it("closes the socket when the last tab answers no more, and opens one when it does", async () => {
  const { streams, open, say } = server();
  const [gone, asleep] = [join(streams), join(streams)];
  await settle();
  [gone.stuck, asleep.stuck] = [true, true];
  await vi.advanceTimersByTimeAsync(15_000);
  expect(open().length).toBe(1);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(open().length).toBe(0);
  asleep.stuck = false;
  asleep.answer();
  await settle();
  await say("audio");
  expect([open().length, asleep.feeds().at(-1)]).toEqual([1, "audio?"]);
});

it("watches nothing for a tab that is away, and tells it what it missed when it is back", async () => {
  const { streams, answer, asked, say } = server();
  const [here, asleep] = [join(streams, [FRAMES]), join(streams, [LEVELS])];
  await settle();
  await say("levels");
  asleep.stuck = true;
  await vi.advanceTimersByTimeAsync(20_000);
  await say("audio");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked()).toEqual(["unsubscribe"]);
  answer();
  asleep.stuck = false;
  asleep.answer();
  expect(asked()).toEqual(["subscribe levels"]);
  await say("levels");
  expect(asleep.feeds().slice(-3)).toEqual(["missed", "levels?fps=5", "levels?fps=5"]);
  expect(here.feeds()).not.toContain("missed");
});

it("keeps the socket for a tab that answers, though never up to the last message", async () => {
  const { streams, told, say } = server();
  const behind = join(streams);
  await settle();
  behind.stuck = true;
  for (let n = 0; n < 60; n++) {
    await say("audio");
    await vi.advanceTimersByTimeAsync(1_000);
    behind.answer(1);
  }
  expect(told.sockets.length).toBe(1);
});

it("takes no tab for away because all slept", async () => {
  const { streams, told, say } = server();
  join(streams).stuck = true;
  await settle();
  vi.setSystemTime(Date.now() + 3_600_000);
  await vi.advanceTimersByTimeAsync(5_000);
  await say("audio");
  expect(told.sockets.length).toBe(1);
});

it("keeps the socket for a tab that answers while nothing but heartbeats comes", async () => {
  const { streams, told, open } = server();
  join(streams);
  for (let n = 0; n < 10; n++) {
    await vi.advanceTimersByTimeAsync(20_000);
    for (const socket of open()) socket.say(message(0, "heartbeat"));
  }
  expect([open().length, told.sockets.length]).toEqual([1, 1]);
});

it("lets no slow tab hold up another, and bounds what waits for it", async () => {
  const { streams, say } = server();
  const [stuck, quick] = [join(streams), join(streams)];
  await settle();
  stuck.stuck = true;
  for (let n = 0; n < 20; n++) await say("audio", 1_000_000);
  expect([quick.count(FRAMES), stuck.count(FRAMES) < 10]).toEqual([21, true]);
  stuck.stuck = false;
  stuck.answer();
  await say("audio");
  expect(stuck.feeds().slice(-2)).toEqual(["missed", "audio?"]);
  expect(quick.feeds()).not.toContain("missed");
});

it("forgets a tab that was away for an hour, and rests when the others leave", async () => {
  const { streams, open } = server();
  const [gone, here] = [join(streams), join(streams)];
  await settle();
  gone.stuck = true;
  const hour = setInterval(() => open().forEach((socket) => socket.say(message(0, "heartbeat"))), 20_000);
  await vi.advanceTimersByTimeAsync(3_500_000);
  expect(gone.closed).toBe(false);
  await vi.advanceTimersByTimeAsync(200_000);
  clearInterval(hour);
  expect([gone.closed, here.closed, open().length]).toEqual([true, false, 1]);
  here.leave();
  await settle();
  expect([open().length, vi.getTimerCount()]).toEqual([0, 0]);
});

it("tells all tabs when the session has ended, and goes on in all when a tab joins with another", async () => {
  const { streams, told, say } = server();
  const [one, two] = [join(streams), join(streams)];
  await settle();
  told.signed_in = false;
  streams.askAgain();
  await settle();
  for (const tab of [one, two]) expect(tab.phase()).toMatchObject({ phase: { phase: "denied", code: "c" } });
  told.signed_in = true;
  const three = join(streams);
  await settle();
  await say("audio");
  for (const tab of [one, two, three]) expect(tab.phase()).toMatchObject({ phase: { phase: "live" } });
  expect(three.got.some((each) => each.type === "phase" && each.phase.phase === "denied")).toBe(false);
});

it("tries again at once for all when one tab asks for it", async () => {
  const { streams, told, say } = server();
  told.signed_in = false;
  const [one, two] = [join(streams), join(streams)];
  await settle();
  told.signed_in = true;
  one.tab.retryNow();
  await settle();
  await say("audio");
  expect(two.phase()).toMatchObject({ phase: { phase: "live" } });
});
