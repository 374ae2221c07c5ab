import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FakeSocket, message } from "../../client/src/fake-server.fixture";
import { FEEDS_PER_SOCKET, keyOf } from "./feeds";
import { Subscriptions } from "./subscriptions";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const A = { kind: "audio", query: "" };
const S = { kind: "spectral", query: "" };
const T = { kind: "spectral", query: "averaging=peak" };

function begin(...feeds: { kind: string; query: string }[]) {
  const got: string[] = [];
  const subscriptions = new Subscriptions({
    onMessage: (key, data, kind) => got.push(`${key} ${kind} ${data.byteLength}`),
    onFault: (key, fault) => got.push(`${key}: ${fault}`),
    onProblem: (problem) => got.push(problem),
    random: () => 0,
  });
  const want = (...wanted: typeof feeds) => subscriptions.want(new Map(wanted.map((feed) => [keyOf(feed), feed])));
  const socket = new FakeSocket();
  want(...feeds);
  subscriptions.connected(socket);
  const said = () => socket.sent.splice(0).map(({ type, id, kind, query }) => [type, id, ...(kind ? [`${kind}?${query}`] : [])].join(" "));
  const hear = (data: ArrayBuffer | object) => subscriptions.hear(data instanceof ArrayBuffer ? data : JSON.stringify(data));
  return { subscriptions, socket, want, said, hear, got };
}

it("asks for what is wanted, once, and tells the server what is not any more", () => {
  const { said, want, subscriptions } = begin(A, S);
  expect(said()).toEqual(["subscribe 1 audio?", "subscribe 2 spectral?"]);
  want(A, S);
  want(A, T);
  expect(said()).toEqual(["unsubscribe 2", "subscribe 3 spectral?averaging=peak"]);
  const next = new FakeSocket();
  subscriptions.connected(next);
  expect(next.sent.map(({ id }) => id)).toEqual(["4", "5"]);
});

it("knows by its number whose a message is, and drops what comes of a feed that is not wanted any more", () => {
  const { hear, want, got } = begin(A, S);
  hear({ type: "subscribed", id: "1", feed: 7 });
  hear({ type: "subscribed", id: "2", feed: 8 });
  expect([hear(message(7, "frame")), hear(message(8, "state")), hear(message(0, "heartbeat"))]).toEqual(["data", "word", "data"]);
  want(A);
  hear(message(8, "spectrum"));
  // An answer that comes late is to nothing that is wanted.
  want(A, S);
  hear({ type: "subscribed", id: "2", feed: 9 });
  hear(message(9, "spectrum"));
  expect(got).toEqual(["audio? frame 88", "spectral? state 88"]);
});

it("keeps the newest state for who comes later", () => {
  const { hear, subscriptions, want } = begin(A);
  hear({ type: "subscribed", id: "1", feed: 7 });
  const state = message(7, "state");
  hear(state);
  hear(message(7, "frame"));
  expect(subscriptions.factsOf("audio?")).toEqual({ fault: null, state });
  want();
  expect(subscriptions.factsOf("audio?")).toEqual({ fault: null, state: null });
});

it("tells why a feed is refused, leaves the others alone, and asks again later", () => {
  const { hear, said, got } = begin(A, T);
  hear({ type: "subscribed", id: "1", feed: 7 });
  said();
  const refuse = (id: string) => hear({ type: "error", id, error: { code: "query_invalid", message: "no such unit", status: 400 } });
  expect(refuse("2")).toBe("word");
  hear(message(7, "frame"));
  vi.advanceTimersByTime(250);
  expect(said()).toEqual(["subscribe 3 spectral?averaging=peak"]);
  refuse("3");
  vi.advanceTimersByTime(499);
  expect(said()).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(said()).toEqual(["subscribe 4 spectral?averaging=peak"]);
  hear({ type: "subscribed", id: "4", feed: 8 });
  hear({ type: "ended", id: "4", reason: "it cost too much" });
  expect(got).toEqual(["spectral?averaging=peak: no such unit", "audio? frame 88", "spectral?averaging=peak: null", "spectral?averaging=peak: it cost too much"]);
});

it("asks at once for what was refused when told to, and no more for what was dropped meanwhile", () => {
  const { hear, said, subscriptions, want } = begin(A);
  said();
  hear({ type: "error", id: "1", error: { message: "feeds are full" } });
  subscriptions.retryNow();
  expect(said()).toEqual(["subscribe 2 audio?"]);
  hear({ type: "error", id: "2", error: { message: "feeds are full" } });
  want();
  vi.runAllTimers();
  expect([said(), vi.getTimerCount()]).toEqual([[], 0]);
});

/** The server's word that `id` asked for what `same_as` has, in other words. */
const same = (id: string, same_as: string) => ({ type: "error", id, error: { code: "feed_subscribed", message: "there already", status: 409 }, same_as });

it("gives to both what is one feed in different words, with its newest state, and asks no more", () => {
  const { hear, said, got, subscriptions } = begin(S, T);
  hear({ type: "subscribed", id: "1", feed: 8 });
  const state = message(8, "state");
  hear(state);
  said();
  expect(hear(same("2", "1"))).toBe("word");
  expect(subscriptions.factsOf("spectral?averaging=peak")).toEqual({ fault: null, state });
  expect(hear(message(8, "spectrum"))).toBe("data");
  subscriptions.retryNow();
  vi.runAllTimers();
  expect([said(), vi.getTimerCount()]).toEqual([[], 0]);
  expect(got).toEqual(["spectral? state 88", "spectral?averaging=peak state 88", "spectral? spectrum 88", "spectral?averaging=peak spectrum 88"]);
});

it("keeps a subscription while anyone shares it", () => {
  const { hear, said, want, got } = begin(S, T, A);
  hear({ type: "subscribed", id: "1", feed: 8 });
  hear(same("2", "1"));
  hear(same("3", "1"));
  said();
  want(T, A);
  hear(message(8, "spectrum"));
  expect([said(), got]).toEqual([[], ["spectral?averaging=peak spectrum 88", "audio? spectrum 88"]]);
  want(A);
  expect(said()).toEqual([]);
  want();
  expect(said()).toEqual(["unsubscribe 1"]);
});

it("asks anew for what was shared when the server ends it, or when it was dropped meanwhile", () => {
  const { hear, said, want, subscriptions } = begin(S, T);
  hear({ type: "subscribed", id: "1", feed: 8 });
  hear(same("2", "1"));
  said();
  hear({ type: "ended", id: "1", reason: "it cost too much" });
  expect(said()).toEqual(["subscribe 3 spectral?averaging=peak"]);
  want(T);
  hear(same("3", "1"));
  vi.advanceTimersByTime(250);
  expect(said()).toEqual(["subscribe 4 spectral?averaging=peak"]);
  const next = new FakeSocket();
  subscriptions.connected(next);
  expect(next.sent.map(({ id }) => id)).toEqual(["5"]);
});

it("asks for no more than the server allows, says so, and asks when one becomes free", () => {
  const many = Array.from({ length: FEEDS_PER_SOCKET + 1 }, (_, n) => ({ kind: "envelope", query: `fps=${n + 1}` }));
  const { said, want, got, hear } = begin(...many);
  expect(said().length).toBe(FEEDS_PER_SOCKET);
  expect(got).toEqual([expect.stringMatching(/^envelope\?fps=17: .*16 feeds already/)]);
  want(...many.slice(1));
  expect(said()).toEqual(["unsubscribe 1", "subscribe 17 envelope?fps=17"]);
  hear({ type: "subscribed", id: "17", feed: 3 });
  expect(got.at(-1)).toBe("envelope?fps=17: null");
});

it("passes farewells on, and tells of what it does not understand", () => {
  const { hear, subscriptions, got } = begin(A);
  expect(hear({ type: "shutdown", reason: "the server is ending" })).toEqual({ farewell: "the server is ending" });
  expect(hear({ type: "reauth" })).toEqual({ farewell: "the session has expired" });
  expect([hear({ type: "weather", id: "1" }), hear({ type: "error", id: null, error: {} })]).toEqual(["word", "word"]);
  expect([subscriptions.hear("{"), hear(new ArrayBuffer(4))]).toEqual(["word", "word"]);
  const later = message(7, "frame");
  new DataView(later).setUint16(4, 2, true);
  expect(hear(later)).toEqual({ farewell: expect.stringContaining("version is 2"), unreadable: true });
  expect(got).toEqual([expect.stringContaining("JSON"), expect.stringContaining("byte 0"), expect.stringContaining("version is 2")]);
});
