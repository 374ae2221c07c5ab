import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { WebSocket as NodeSocket } from "ws";
import type { Phase } from "./connection.js";
import type { Lagged, RealtimeEvent, Subscription } from "./events.js";
import { RealtimeAnalytics, type RealtimeOptions } from "./realtime.js";
import { event, json, Queue, refusal, RUN, type Talk, TestServer } from "./test-server.fixture.js";

let server: TestServer;
let analytics: RealtimeAnalytics;

beforeEach(async () => {
  server = await TestServer.start();
});

afterEach(async () => {
  vi.useRealTimers();
  analytics?.disconnect();
  await server.stop();
});

const webSocket: NonNullable<RealtimeOptions["webSocket"]> = (url, headers) => new NodeSocket(url, { headers });

function client(options: RealtimeOptions = {}) {
  analytics = new RealtimeAnalytics(server.url, { webSocket, random: () => 0, now_ms: () => 0, ...options });
  const told = { events: new Queue<RealtimeEvent>(), phases: new Queue<Phase | null>(), lagged: new Queue<Lagged>(), problems: new Queue<Error>() };
  analytics.on("*", told.events.push);
  analytics.onPhase(told.phases.push);
  analytics.onLagged(told.lagged.push);
  analytics.onProblem(told.problems.push);
  return told;
}

/** Opens it as the server does; answers the first words, as many as are expected. */
async function connect(subscription?: Subscription | null, words = 1) {
  analytics.connectWebSocket(subscription);
  return await answered(words);
}

async function answered(words: number) {
  const talk = await server.talks.next();
  return { talk, words: await answer(talk, words) };
}

async function answer(talk: Talk, count: number) {
  const words = await talk.heard.take(count);
  for (const { type, id } of words) talk.say({ type: type === "subscribe" ? "subscribed" : "unsubscribed", id });
  return words;
}

const delivery = (n: number, ids = ["default"]) => ({ ...event(n, "door.opened", ids), place: `${RUN}:${n}` });
const stopTime = () => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });

/** Loses the connection, and comes back. */
async function lose(talk: Talk, phases: Queue<Phase | null>, words: number) {
  stopTime();
  talk.cut();
  await phases.until((phase) => phase?.phase === "waiting");
  vi.advanceTimersByTime(250);
  return await answered(words);
}

it("subscribes with a token made for it, and hears nothing of what it did not ask for", async () => {
  const { events, phases } = client({ token: () => "t1" });
  analytics.connectWebSocket({ events: ["door.*"], environment: "lab" });
  const talk = await server.talks.next();
  talk.say(delivery(1));
  const words = await answer(talk, 1);
  talk.say(delivery(2));
  expect([talk.headers.authorization, words]).toEqual(["Bearer t1", [{ type: "subscribe", id: "default", events: ["door.*"], environment: "lab" }]]);
  expect(await events.next()).toMatchObject({ id: "id-2", place: `${RUN}:2`, subscription_ids: ["default"] });
  expect((await phases.take(2)).map((phase) => phase?.phase)).toEqual(["connecting", "live"]);
});

it("goes on where it was for each subscription, and gives nothing twice", async () => {
  const { events, phases } = client();
  const watched = new Queue<RealtimeEvent>();
  analytics.watch({ filters: [{ property: "n", operator: "gt", value: 1 }] }, watched.push);
  const { talk, words } = await connect({}, 2);
  expect(words.map(({ id }) => id)).toEqual(["default", "watch-1"]);
  talk.say(delivery(1));
  talk.say(delivery(2, ["default", "watch-1"]));
  talk.say(delivery(3));
  await events.take(3);
  const again = await lose(talk, phases, 2);
  expect(again.words.map(({ id, after }) => [id, after])).toEqual([["default", `${RUN}:3`], ["watch-1", `${RUN}:2`]]);
  again.talk.say(delivery(3));
  again.talk.say(delivery(5));
  again.talk.say(delivery(4, ["watch-1"]));
  again.talk.say(delivery(5, ["watch-1"]));
  again.talk.say(delivery(6, ["default", "watch-1"]));
  expect((await events.take(3)).map(({ id }) => id)).toEqual(["id-5", "id-4", "id-6"]);
  expect((await watched.take(4)).map(({ id }) => id)).toEqual(["id-2", "id-4", "id-5", "id-6"]);
  expect([events.size, watched.size]).toEqual([0, 0]);
});

it("has one subscription for all who watch the same, as long as one does", async () => {
  const { problems } = client();
  const { talk, words } = await connect(null);
  expect(words).toEqual([{ type: "unsubscribe", id: "default" }]);
  const heard: string[] = [];
  const subscription = () => ({ events: ["a"], filters: [{ property: "p", operator: "equals", value: { x: [1] } }] }) as const;
  const stops = [1, 2].map((n) => analytics.watch(subscription(), ({ id }) => void heard.push(`${n} ${id}`)));
  expect(await answer(talk, 1)).toEqual([{ type: "subscribe", id: "watch-1", ...subscription() }]);
  const last = new Queue<string>();
  analytics.watch({ events: ["b"] }, ({ id }) => last.push(id));
  expect((await answer(talk, 1)).map(({ id }) => id)).toEqual(["watch-2"]);
  stops[0]?.();
  stops[0]?.();
  talk.say(delivery(1, ["watch-1"]));
  talk.say(delivery(2, ["watch-2"]));
  await last.next();
  stops[1]?.();
  expect(await talk.heard.next()).toEqual({ type: "unsubscribe", id: "watch-1" });
  expect([heard, problems.size]).toEqual([["2 id-1"], 0]);
});

it("tells what it lags, and what the server refuses", async () => {
  const { lagged, problems } = client();
  const { talk } = await connect();
  talk.say({ type: "lagged", missed: 3 });
  talk.say({ type: "lagged", missed: null });
  talk.say({ type: "error", id: "default", error: { code: "subscription_invalid", message: "no such operator", status: 400 } });
  expect(await lagged.take(2)).toEqual([{ missed: 3 }, { missed: null }]);
  expect(await problems.next()).toMatchObject({ code: "subscription_invalid", status: 400, message: "subscription default: no such operator" });
});

it("begins anew when the server does not know where it was, and says so", async () => {
  const { events, lagged, problems, phases } = client();
  const { talk } = await connect();
  talk.say(delivery(9));
  await events.next();
  stopTime();
  talk.cut();
  await phases.until((phase) => phase?.phase === "waiting");
  vi.advanceTimersByTime(250);
  const again = await server.talks.next();
  expect((await again.heard.next())["after"]).toBe(`${RUN}:9`);
  again.say({ type: "error", id: "default", error: { code: "after_invalid", message: "ahead of all", status: 400 } });
  expect(await answer(again, 1)).toEqual([{ type: "subscribe", id: "default" }]);
  expect([await lagged.next(), (await problems.next()).message]).toEqual([{ missed: null }, "subscription default: ahead of all"]);
});

it("passes on why the server ends", async () => {
  const { phases } = client();
  const { talk } = await connect();
  stopTime();
  talk.say({ type: "reauth", reason: "the token has expired" });
  expect(await phases.until((phase) => phase?.phase === "waiting")).toEqual({ phase: "waiting", reason: "the token has expired", retry_at_ms: 250 });
});

it("asks over HTTP why no socket opens", async () => {
  const { phases } = client({ token: () => "t", webSocket: () => new NodeSocket("ws://127.0.0.1:9") });
  analytics.connectWebSocket();
  const { path, headers, answer: reply } = await server.asked.next();
  json(reply, 401, refusal(401, "token_expired"));
  expect([path, headers.authorization]).toEqual(["/api/realtime/ws", "Bearer t"]);
  expect(await phases.until((phase) => phase?.phase !== "connecting")).toEqual({ phase: "denied", code: "token_expired", reason: "refused: token_expired" });
});

it("says at once that a browser's own socket takes no token", () => {
  analytics = new RealtimeAnalytics(server.url, { token: () => "t" });
  expect(() => analytics.connectWebSocket()).toThrow("sends no token");
});
