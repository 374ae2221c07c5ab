// Many tabs of one browser profile: they share one socket, and everything else is each tab's own.

import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { enter, fact, framesHere, launch, newPage, until, untilMoved, untilText, watch } from "./browser";
import { addUser, newDataDir, Server } from "./server";

/** With two streams over HTTP each, three would use up all connections that a browser opens to a server. */
const TABS = 5;

let browser: Browser;
const data_dir = newDataDir();
let server: Server;
let context: BrowserContext;
let tabs: Page[];
let problems: string[];

beforeAll(async () => {
  addUser(data_dir, "ada", "correct horse battery");
  [browser, server] = await Promise.all([launch(), Server.start({ data_dir })]);
  const first = await newPage(browser);
  ({ problems } = first);
  await enter(first.page, server.link);
  context = first.page.context();
  tabs = [first.page];
});

beforeEach(async () => {
  while (tabs.length < TABS) tabs.push(await openTab());
  await everyTab(isLive);
});

afterEach(() => expect(problems).toEqual([]));

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

async function openTab(): Promise<Page> {
  const page = await context.newPage();
  watch(page, problems);
  await page.goto(`${server.url}/`);
  return page;
}

const everyTab = <T>(look: (tab: Page) => Promise<T>): Promise<T[]> => Promise.all(tabs.map(look));
const isLive = (tab: Page) => untilText(tab.locator(".badges"), /running.*live/);
const isAtLogin = (tab: Page) => tab.getByLabel("User name").waitFor();

async function frames(tab: Page, more: number): Promise<void> {
  const here = await framesHere(tab);
  await until(() => framesHere(tab), (now) => now > here + more, "frames");
}

it("shows everything in each of five tabs by one pair of feeds", async () => {
  await everyTab((tab) => frames(tab, 60));
  // Polls are answered, and say how many streams are open.
  await everyTab((tab) => untilText(fact(tab, "Streams open, all viewers"), /^2$/));
  await everyTab((tab) => untilText(fact(tab, "Rate, nominal"), /48\u202f000/));
  await everyTab((tab) => untilText(tab.locator(".losses"), /No gap/));
  expect(await server.viewers()).toBe(2);
});

it("pauses one tab and no other", async () => {
  const [one, two] = tabs as [Page, Page];
  await one.getByRole("button", { name: "Pause" }).click();
  await untilText(one.locator(".badges"), /picture paused/);
  await untilMoved(two.locator(".waveform"));
  expect(await two.getByText("paused").count()).toBe(0);
  await one.getByRole("button", { name: "Resume" }).click();
  await untilMoved(one.locator(".waveform"));
});

it("counts what a tab did not take as that tab's loss, once", async () => {
  const [one, two] = tabs as [Page, Page];
  const worker = one.workers().find((each) => each.url().includes("/worker-"));
  await worker?.evaluate((held_ms) => {
    const end_ms = performance.now() + held_ms;
    while (performance.now() < end_ms);
  }, 10_000);
  await until(async () => await one.locator(".loss-list tbody tr").count(), (rows) => rows > 0, "a loss");
  await frames(one, 60);
  expect(await one.locator(".loss-list tbody tr").count()).toBe(1);
  await untilText(one.locator(".losses"), /page too slow/);
  await untilText(two.locator(".losses"), /No gap/);
});

it("comes back in all tabs after the server was killed, each with the loss", async () => {
  const { port } = server;
  await server.kill();
  await everyTab((tab) => untilText(tab.locator(".banner"), /The picture is old/));
  server = await Server.start({ data_dir, port });
  await everyTab(isLive);
  const losses = await everyTab((tab) => untilText(tab.locator(".losses"), /new epoch/));
  for (const text of losses) expect(text.match(/connection lost/g)).toHaveLength(1);
  await until(() => server.viewers(), (viewers) => viewers === 2, "one pair of feeds");
});

it("signs all tabs out from any, ends the streams, and goes on in all after one login", async () => {
  await tabs[3]?.getByRole("button", { name: "Sign out" }).click();
  await everyTab(isAtLogin);
  await until(() => server.viewers(), (viewers) => viewers === 0, "no stream");
  const [one] = tabs as [Page];
  await one.getByLabel("User name").fill("ada");
  await one.getByLabel("Password").fill("correct horse battery");
  await one.keyboard.press("Enter");
  await everyTab(isLive);
  await until(() => server.viewers(), (viewers) => viewers === 2, "one pair of feeds");
});

it("goes on in all tabs when the shared worker that holds the streams is gone", async () => {
  const before = await everyTab(framesHere);
  // To the others as when it crashes with the tab that it lives in, whichever that is.
  const devtools = await browser.newBrowserCDPSession();
  const { targetInfos } = await devtools.send("Target.getTargets");
  const streams = targetInfos.find(({ type }) => type === "shared_worker");
  if (streams === undefined) throw new Error("there is no shared worker");
  await devtools.send("Target.closeTarget", { targetId: streams.targetId });
  await Promise.all(tabs.map((tab, n) => until(() => framesHere(tab), (now) => now > (before[n] ?? 0) + 60, "frames")));
  const losses = await everyTab((tab) => untilText(tab.locator(".losses"), /connection lost/));
  for (const text of losses) expect(text.match(/connection lost/g)).toHaveLength(1);
  await everyTab(isLive);
  await until(() => server.viewers(), (viewers) => viewers === 2, "one pair of feeds");
});

it("closes the streams with the last tab", async () => {
  const others = tabs.splice(1);
  for (const tab of others) await tab.close();
  await frames(tabs[0] as Page, 30);
  expect(await server.viewers()).toBe(2);
  await tabs.pop()?.close();
  await until(() => server.viewers(), (viewers) => viewers === 0, "no stream");
});

it("keeps streams of its own in a browser without shared workers", async () => {
  for (const tab of tabs.splice(0)) await tab.close();
  await context.addInitScript(() => void Reflect.deleteProperty(globalThis, "SharedWorker"));
  const tab = await openTab();
  await isLive(tab);
  await frames(tab, 30);
  expect(await server.viewers()).toBe(2);
});
