// The client package against the real server: in Node.js with a token and a cable that is cut, in the browser by the session.

import { type FeedItem, type FrameItem, frames, RealtimeAnalytics, type RealtimeEvent, spectra, type Subscription } from "@photophone/client";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { enter, launch, newPage } from "./browser";
import { Cable } from "./cable";
import { eventAt } from "./events";
import { makeToken, Server } from "./server";

const WEB = new URL("..", import.meta.url).pathname;

let server: Server;
let cable: Cable;
let made: string;
const token = async () => made;

beforeAll(async () => {
  server = await Server.start();
  cable = await Cable.lay(server.port);
  made = makeToken(server.data_dir, "stream:read events:read events:write", "1h");
});

afterAll(async () => {
  cable?.dispose();
  await server?.dispose();
});

const placed = (events: unknown) => events as { channel_a: number[]; magnitude_a: number[]; frequencies: number[] };

it("gives each sample once over losses of the connection, and the values that server-sent events have", async () => {
  const read: FrameItem[] = [];
  const others: FeedItem<FrameItem>[] = [];
  for await (const item of frames(cable.url, { token, query: { policy: "lossless" } })) {
    if (item.type !== "frame") others.push(item);
    else if (read.push(item) === 60) break;
    if (read.length === 20 || read.length === 40) cable.cut();
  }
  expect(others.map(({ type }) => type)).toEqual(["state"]);
  const ends = read.map(({ first_sample, samples }) => first_sample + samples);
  expect(read.slice(1).map(({ first_sample }) => first_sample)).toEqual(ends.slice(0, -1));
  const middle = read[30] as FrameItem;
  const same = placed(await eventAt(server.url, made, "audio", middle));
  expect([...middle.channel_a]).toEqual(same.channel_a.map(Math.fround));
});

it("goes on with spectra where it was", async () => {
  const places: number[] = [];
  for await (const item of spectra(cable.url, { token, query: { policy: "lossless" } })) {
    if (item.type !== "spectrum") continue;
    places.push(item.first_sample);
    if (places.length === 5) cable.cut();
    if (places.length < 15) continue;
    const same = placed(await eventAt(server.url, made, "spectral", item));
    expect([[...item.magnitude_a], [...item.frequencies]]).toEqual([same.magnitude_a.map(Math.fround), same.frequencies.map(Math.fround)]);
    break;
  }
  const steps = new Set(places.slice(1).map((place, n) => place - (places[n] as number)));
  expect([...steps]).toEqual([expect.any(Number)]);
});

it("hears each event once that was captured before, during and after a loss", async () => {
  const away = new RealtimeAnalytics(cable.url, { token });
  const here = new RealtimeAnalytics(server.url, { token });
  const heard: RealtimeEvent[] = [];
  const live = (times: number) => new Promise<void>((resolve) => {
    let left = times;
    away.onPhase((phase) => phase?.phase === "live" && --left === 0 && resolve());
  });
  const all = new Promise<void>((resolve) => away.on("door.*", (event) => heard.push(event) === 4 && resolve()));
  const lost: unknown[] = [];
  away.onLagged((lagged) => lost.push(lagged));
  const [first, again] = [live(1), live(2)];
  away.connectSSE({ events: ["door.*"], filters: [{ property: "n", operator: "gte", value: 1 }] });
  await first;
  const one = new Promise<RealtimeEvent>((resolve) => away.on("door.opened", resolve));
  const sent = [await here.capture("door.opened", { n: 1 })];
  await one;
  cable.cut();
  await here.capture("door.opened", { n: 0 });
  sent.push(await here.capture("door.opened", { n: 2 }), await here.capture("door.shut", { n: 3 }));
  await again;
  const mine = "0d9a3a52-5d7c-4c1c-9d3a-000000000001";
  for (let k = 0; k < 2; k++) sent[3] = await here.capture("door.shut", { n: 4 }, { id: mine });
  await all;
  away.disconnect();
  expect([heard.map(({ id }) => id), heard.map(({ distinct_id }) => distinct_id), lost]).toEqual([sent, Array(4).fill("e2e"), []]);
});

it("has types for what the server tells by itself", async () => {
  const analytics = new RealtimeAnalytics(server.url, { token });
  const joined = new Promise<[string, string]>((resolve) => {
    analytics.on("viewer.joined", ({ properties, distinct_id }) => resolve([properties.kind, distinct_id]));
  });
  const live = new Promise<void>((resolve) => analytics.onPhase((phase) => phase?.phase === "live" && resolve()));
  analytics.connectSSE({ events: ["viewer.*"] });
  await live;
  for await (const item of frames(server.url, { token })) if (item.type === "frame") break;
  expect(await joined).toEqual(["frames", "e2e"]);
  analytics.disconnect();
});

it("says why it is refused", async () => {
  const stream = frames(server.url, { token, query: { fps: -1 } });
  await expect(stream.next()).rejects.toMatchObject({ status: 400, message: expect.stringContaining("fps") });
  const analytics = new RealtimeAnalytics(server.url, { token: () => "nothing" });
  const denied = new Promise((resolve) => analytics.onPhase((phase) => phase?.phase === "denied" && resolve(phase.code)));
  analytics.connectSSE();
  expect(await denied).toBe("token_malformed");
  await expect(new RealtimeAnalytics(server.url, { token }).capture("server.mine")).rejects.toMatchObject({ status: 422 });
});

it("goes on with each subscription of a WebSocket where it was", async () => {
  const analytics = new RealtimeAnalytics(cable.url, { token, webSocket: (url, headers) => new WebSocket(url, { headers }) });
  const heard: string[] = [];
  const watched: string[] = [];
  const lost: unknown[] = [];
  analytics.onLagged((lagged) => lost.push(lagged));
  const wanted: Subscription = { filters: [{ property: "n", operator: "gt", value: 1 }] };
  const until = (n: number) => new Promise<void>((resolve) => void analytics.on("gate.*", ({ properties }) => properties["n"] === n && resolve()));
  const untilWatched = (n: number) => new Promise<void>((resolve) => void analytics.watch(wanted, ({ properties }) => properties["n"] === n && resolve()));
  analytics.on("gate.*", ({ id }) => void heard.push(id));
  analytics.watch(wanted, ({ id }) => void watched.push(id));
  const live = () => new Promise<void>((resolve) => {
    const off = analytics.onPhase((phase) => {
      if (phase?.phase !== "live") return;
      off();
      resolve();
    });
  });
  const first = live();
  analytics.connectWebSocket({ events: ["gate.*"] });
  await first;
  const sent: string[] = [];
  let n = 1;
  // Live means that one subscription is there: the other may miss the first events, and not those after them.
  while (watched.length === 0) {
    const came = until(++n);
    sent.push(await analytics.capture("gate.opened", { n }));
    await came;
  }
  const [again, last] = [live(), Promise.all([until(n + 2), untilWatched(n + 2)])];
  cable.cut();
  sent.push(await new RealtimeAnalytics(server.url, { token }).capture("gate.opened", { n: n + 1 }));
  await again;
  sent.push(await analytics.capture("gate.shut", { n: n + 2 }));
  await last;
  analytics.disconnect();
  expect(watched.length).toBeGreaterThan(2);
  expect([heard, watched, lost]).toEqual([sent, sent.slice(-watched.length), []]);
});

it("works in a browser by the session of its page", async () => {
  process.env["SERVER_URL"] = server.url;
  const browser = await launch();
  const vite: ViteDevServer = await createServer({ root: WEB, logLevel: "error", server: { host: "127.0.0.1", port: 0 } });
  try {
    await vite.listen();
    const { page, problems } = await newPage(browser);
    await enter(page, server.link.replace(server.url, new URL(vite.resolvedUrls?.local[0] ?? "").origin));
    const call = <T>(text: string) => page.evaluate<T>(`import("/e2e/client-page.ts").then((client) => client.${text})`);
    expect(await call(`heardBySse("door.knocked")`)).toMatchObject({ event: "door.knocked", properties: { from: "a page" } });
    expect(await call(`heardBySocket("door.rung")`)).toMatchObject({ event: "door.rung" });
    expect(await call("streamed(20)")).toEqual({ joined: 19, bins: 513 });
    expect(problems).toEqual([]);
  } finally {
    await vite.close();
    await browser.close();
  }
});
