import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiError } from "./api-error.js";
import type { Phase } from "./connection.js";
import type { Lagged, RealtimeEvent, Subscription } from "./events.js";
import { RealtimeAnalytics, type RealtimeOptions } from "./realtime.js";
import { json, openEvents, Queue, refusal, RUN, sse, TestServer } from "./test-server.fixture.js";

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

/** A client of the server, what it hears, and how long it waits before each attempt. */
function client(options: RealtimeOptions = {}) {
  analytics = new RealtimeAnalytics(server.url, { random: () => 0, now_ms: () => 0, ...options });
  const told = { events: new Queue<RealtimeEvent>(), phases: new Queue<Phase | null>(), lagged: new Queue<Lagged>(), problems: new Queue<Error>() };
  analytics.on("*", told.events.push);
  analytics.onPhase(told.phases.push);
  analytics.onLagged(told.lagged.push);
  analytics.onProblem(told.problems.push);
  return { ...told, waiting: () => told.phases.until((phase) => phase?.phase === "waiting") as Promise<Phase & { phase: "waiting" }> };
}

async function open(subscription?: Subscription) {
  analytics.connectSSE(subscription);
  return await opened();
}

async function opened() {
  const asked = await server.asked.next();
  openEvents(asked.answer);
  return asked;
}

/** From here on time passes when the test says so, for timers of the client. */
const stopTime = () => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });

const ids = (events: RealtimeEvent[]) => events.map(({ id }) => id);

it("asks for what is subscribed to, with a token made for it", async () => {
  const { events, phases } = client({ token: async () => "t1" });
  const filters = [{ property: "n", operator: "gt", value: 1 }, { property: "by", operator: "is_set" }] as const;
  const { path, query, headers, answer } = await open({ events: ["door.opened", "daemon.*"], filters, environment: "lab" });
  expect([path, query.get("events"), query.get("environment")]).toEqual(["/api/realtime/sse", "door.opened,daemon.*", "lab"]);
  expect(query.getAll("filter").map((text) => JSON.parse(text))).toEqual(filters);
  expect([headers.authorization, headers.accept, headers["last-event-id"]]).toEqual(["Bearer t1", "text/event-stream", undefined]);
  answer.write(sse(7));
  expect(await events.next()).toMatchObject({ id: "id-7", event: "door.opened", properties: { n: 7 }, place: `${RUN}:7` });
  expect((await phases.take(2)).map((phase) => phase?.phase)).toEqual(["connecting", "live"]);
});

it("reads events that come in pieces, in the middle of a character too", async () => {
  const { events } = client();
  const { answer } = await open();
  const bytes = Buffer.from(`: word\n\n${sse(1, "café.opened")}`);
  const at = bytes.indexOf("é") + 1;
  answer.write(bytes.subarray(0, at));
  answer.write(bytes.subarray(at));
  expect((await events.next()).event).toBe("café.opened");
});

it("comes back with a new token where it was, and gives nothing twice", async () => {
  let tokens = 0;
  const { events, waiting } = client({ token: () => `t${++tokens}` });
  const first = await open();
  first.answer.write(sse(1) + sse(2));
  await events.take(2);
  stopTime();
  first.answer.destroy();
  expect(await waiting()).toEqual({ phase: "waiting", reason: "the connection was lost", retry_at_ms: 250 });
  vi.advanceTimersByTime(250);
  const second = await opened();
  expect([second.headers.authorization, second.headers["last-event-id"]]).toEqual(["Bearer t2", `${RUN}:2`]);
  second.answer.write(sse(2) + sse(3));
  expect(ids([await events.next()])).toEqual(["id-3"]);
});

it("knows an event of another run by its id", async () => {
  const { events } = client();
  const { answer } = await open();
  answer.write(sse(5));
  answer.write(sse(5).replace(RUN, "018f3c5e-0000-7000-8000-000000000002").replace(":5", ":1"));
  answer.write(sse(6).replace(RUN, "018f3c5e-0000-7000-8000-000000000002").replace(":6", ":2"));
  expect(ids(await events.take(2))).toEqual(["id-5", "id-6"]);
});

it("tells what it lags, and goes on behind that", async () => {
  const { lagged, events, waiting } = client();
  const first = await open();
  first.answer.write(`id: ${RUN}:90\nevent: lagged\ndata: {"type":"lagged","missed":42}\n\n`);
  first.answer.write(`event: lagged\ndata: {"type":"lagged","missed":null}\n\ndata: {"type":"heartbeat"}\n\n`);
  expect(await lagged.take(2)).toEqual([{ missed: 42 }, { missed: null }]);
  stopTime();
  first.answer.destroy();
  await waiting();
  vi.advanceTimersByTime(250);
  expect((await opened()).headers["last-event-id"]).toBe(`${RUN}:90`);
  expect(events.size).toBe(0);
});

it("says that something may be missing when it was lost before the first event", async () => {
  const { lagged, phases, waiting } = client();
  const first = await open();
  await phases.until((phase) => phase?.phase === "live");
  stopTime();
  first.answer.destroy();
  await waiting();
  vi.advanceTimersByTime(250);
  await opened();
  expect(await lagged.next()).toEqual({ missed: null });
});

it.each(["shutdown", "reauth"])("passes on why the server ends with %s, and backs off from one that only greets", async (name) => {
  const { waiting } = client();
  analytics.connectSSE();
  const waits: unknown[] = [];
  stopTime();
  for (let n = 0; n < 3; n++) {
    const { answer } = await opened();
    answer.end(`event: ${name}\ndata: {"reason":"because ${n}"}\n\n`);
    const { reason, retry_at_ms } = await waiting();
    waits.push([reason, retry_at_ms]);
    vi.advanceTimersByTime(retry_at_ms);
  }
  expect(waits).toEqual([["because 0", 250], ["because 1", 500], ["because 2", 1000]]);
});

it("does not ask again for what is denied, until told to", async () => {
  const { phases, events } = client();
  analytics.connectSSE();
  json((await server.asked.next()).answer, 403, refusal(403, "scope_missing"));
  expect(await phases.until((phase) => phase?.phase !== "connecting")).toEqual({ phase: "denied", code: "scope_missing", reason: "refused: scope_missing" });
  analytics.retryNow();
  const { answer } = await opened();
  answer.write(sse(1));
  expect((await events.next()).id).toBe("id-1");
});

it("waits as long as a busy server asks, and for a token that is not to be had", async () => {
  let fails = true;
  const { waiting } = client({ token: () => (fails ? Promise.reject(new Error("signed out")) : "t") });
  stopTime();
  analytics.connectSSE();
  expect((await waiting()).reason).toBe("There is no token: signed out");
  fails = false;
  vi.advanceTimersByTime(250);
  json((await server.asked.next()).answer, 503, refusal(503, "streams_full"), { "Retry-After": "7" });
  expect(await waiting()).toEqual({ phase: "waiting", reason: "refused: streams_full", retry_at_ms: 7000 });
});

it("begins anew when the server does not know where it was, and says so", async () => {
  const { events, lagged, waiting } = client();
  const first = await open();
  first.answer.write(sse(9));
  await events.next();
  stopTime();
  first.answer.destroy();
  await waiting();
  vi.advanceTimersByTime(250);
  json((await server.asked.next()).answer, 400, refusal(400, "last_event_id_invalid"));
  await waiting();
  vi.advanceTimersByTime(500);
  expect((await opened()).headers["last-event-id"]).toBeUndefined();
  expect(await lagged.next()).toEqual({ missed: null });
});

it("takes silence for the end", async () => {
  const { phases, waiting } = client();
  stopTime();
  await open();
  await phases.until((phase) => phase?.phase === "live");
  vi.advanceTimersByTime(30_000);
  expect((await waiting()).reason).toBe("nothing came for 30 s");
});

it("tells each listener what it wants to hear, until it does not", async () => {
  const { events, problems } = client();
  const heard: string[] = [];
  const note = (name: string) => (told: RealtimeEvent) => void heard.push(`${name} ${told.id}`);
  analytics.on("daemon.*", note("below"));
  const off = analytics.on("door.opened", note("once"));
  analytics.on("door.opened", () => off());
  analytics.on("door.opened", () => {
    throw new Error("mine");
  });
  const { answer } = await open();
  answer.write(sse(1) + sse(2) + sse(3, "daemon.a.b") + sse(4, "daemon"));
  await events.take(4);
  expect(heard).toEqual(["once id-1", "below id-3"]);
  expect((await problems.take(2)).map(({ message }) => message)).toEqual(["mine", "mine"]);
});

it("hears nothing more once it is disconnected, of what had come already too", async () => {
  const { events } = client();
  analytics.on("door.opened", () => analytics.disconnect());
  const { answer } = await open();
  const closed = new Promise((resolve) => answer.on("close", resolve));
  answer.write(sse(1) + sse(2));
  await closed;
  expect([ids(await events.take(events.size)), analytics.phase]).toEqual([["id-1"], null]);
});

it("tells of what is not an event, and goes on", async () => {
  const { events, problems } = client();
  const { answer } = await open();
  answer.write(`data: {"n\n\ndata: [1]\n\ndata: {"id":"x"}\n\nevent: later\ndata: {}\n\n${sse(1)}`);
  expect((await events.next()).id).toBe("id-1");
  expect((await problems.take(3)).map(({ message }) => message)).toEqual(['not JSON: {"n', "no object: [1]", "an event without id or name"]);
});

it("watches names, and refuses what server-sent events cannot give", async () => {
  const { events } = client();
  const watched: string[] = [];
  analytics.watch({ events: ["door.*"] }, ({ id }) => void watched.push(id));
  const { answer } = await open();
  answer.write(sse(1) + sse(2, "daemon.state"));
  await events.take(2);
  expect(watched).toEqual(["id-1"]);
  expect(() => analytics.watch({ environment: "lab" }, () => {})).toThrow("connectWebSocket");
  expect(() => analytics.connectSSE({ include_person: true })).toThrow("include_person");
  expect(analytics.phase).toEqual({ phase: "live" });
});

it("captures with an id of its own, and passes on a refusal", async () => {
  client({ token: () => "t" });
  const captured = analytics.capture("door.opened", { by: "ada" }, { session_id: "s" });
  const { method, path, body, headers, answer } = await server.asked.next();
  const sent = JSON.parse(body) as { id: string };
  json(answer, 202, { accepted: [sent.id], rejected: [] });
  expect([method, path, headers.authorization, headers["content-type"]]).toEqual(["POST", "/api/realtime/capture", "Bearer t", "application/json"]);
  expect(sent).toEqual({ id: await captured, event: "door.opened", properties: { by: "ada" }, session_id: "s" });
  expect(sent.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const refused = analytics.capture("server.x").catch((error: unknown) => error);
  json((await server.asked.next()).answer, 422, refusal(422, "name_reserved"));
  expect(await refused).toEqual(new ApiError("name_reserved", "refused: name_reserved", 422));
  const batch = analytics.captureBatch([{ event: "a", id: "mine" }, { event: "b" }]);
  const asked = await server.asked.next();
  json(asked.answer, 202, { accepted: ["mine"], rejected: [] });
  expect([asked.path, JSON.parse(asked.body), await batch]).toEqual([
    "/api/realtime/batch",
    { batch: [{ event: "a", id: "mine" }, { event: "b", id: expect.any(String) }] },
    { accepted: ["mine"], rejected: [] },
  ]);
});
