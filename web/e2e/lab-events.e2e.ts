// The views of events against the real server: what an HTTP client captures is seen, filtered, held and found again.

import { RealtimeAnalytics } from "@photophone/client";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { axeViolations, launch, newPage, type Theme, until, untilText } from "./browser";
import { makeToken, Server } from "./server";

let browser: Browser;
let server: Server;
let page: Page;
let problems: string[];
let lab: RealtimeAnalytics;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  const token = makeToken(server.data_dir, "events:read events:write", "1h");
  lab = new RealtimeAnalytics(server.url, { token: () => token });
  ({ page, problems } = await newPage(browser));
  await page.goto(`${server.link}&next=%2Flive`);
  await page.waitForURL((url) => url.pathname === "/live");
  await isLive();
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

const isLive = () => untilText(page.locator(".badges"), /^live$/);
const names = () => page.locator(".event-list .event-name").allTextContents();
const named = (name: string) => page.locator(".event-list li", { has: page.getByText(name, { exact: true }) });
const untilNames = (right: (names: string[]) => boolean, what: string) => until(names, right, what);
const apply = () => page.getByRole("button", { name: "Apply" }).click();
const panel = (title: string) => page.locator(".panel", { has: page.getByRole("heading", { name: title }) });
const untilQuery = (right: (query: URLSearchParams) => boolean, what: string) =>
  until(async () => new URL(page.url()).searchParams, right, what);

it("shows what is captured, the newest first, with all it says", async () => {
  await lab.capture("door.opened", { by: "ada", n: 1 });
  await lab.capture("door.shut", { by: "bob", n: 2 });
  await untilNames((all) => all.includes("door.opened") && all.includes("door.shut"), "both events");
  const all = await names();
  expect(all.indexOf("door.shut")).toBeLessThan(all.indexOf("door.opened"));
  const row = named("door.opened").first();
  expect(await row.locator(".event-who").textContent()).toBe("e2e");
  expect(await row.locator("time").getAttribute("title")).toMatch(/^\d{4}-\d\d-\d\dT.*Z \(UTC\)$/);
  await row.locator("summary").press("Enter");
  await untilText(row, /"by": "ada"/);
});

it("counts users, events and pages by what the server knows", async () => {
  await untilText(panel("Live users"), /^Live users2.*e2e/);
  await untilText(panel("Live users"), /\/live/);
  await untilText(panel("Events of the last minute"), /door\.opened1/);
  await lab.captureBatch(["/bench?x=1", "/bench#y", "http://lab/bench"].map((path) => ({ event: "$pageview", properties: { path } })));
  await untilText(panel("Top pages"), /\/bench3.*\/live1/);
});

it("follows only what a filter means, and says what the server has against one", async () => {
  await page.getByLabel("Names").fill("door.*");
  await page.getByRole("button", { name: "Add a condition" }).click();
  const row = page.locator(".filter-row").first();
  await row.getByLabel("Property").fill("n");
  await row.getByLabel("Operator").selectOption("gte");
  await row.getByLabel("Value").fill("2");
  await apply();
  await untilNames((all) => all.join() === "door.shut", "what it means of the past");
  await untilQuery((query) => query.get("events") === "door.*" && query.get("filter") === '{"property":"n","operator":"gte","value":2}', "the link");
  await isLive();
  await lab.captureBatch([{ event: "door.opened", properties: { n: 1 } }, { event: "gate.opened", properties: { n: 3 } }]);
  await lab.capture("door.opened", { n: 3 });
  await untilNames((all) => all.length === 2, "what it means of what comes");
  expect(await names()).toEqual(["door.opened", "door.shut"]);
  await row.getByLabel("Operator").selectOption("regex");
  await row.getByLabel("Value").fill("(");
  await apply();
  await untilText(row.getByRole("alert"), /filter=.*regex/s);
  expect(await row.getByLabel("Value").getAttribute("aria-invalid")).toBe("true");
  expect(await names(), "it goes on with the last that was right").toEqual(["door.opened", "door.shut"]);
  await page.getByLabel("Names").fill("a.*.b");
  await apply();
  await untilText(page.locator(".filter-names"), /a\.\*\.b/);
});

it("shows the same by its link", async () => {
  await page.reload();
  await untilNames((all) => all.join() === "door.opened,door.shut", "the same events");
  expect(await page.getByLabel("Names").inputValue()).toBe("door.*");
  expect(await page.getByLabel("Value").inputValue()).toBe("2");
  await isLive();
});

it("stands still while it is paused, and has all that came meanwhile", async () => {
  await page.getByRole("button", { name: "Pause" }).click();
  const before = await names();
  await lab.captureBatch(Array.from({ length: 30 }, (_, n) => ({ event: "door.knocked", properties: { n: n + 2 } })));
  await untilText(page.locator(".held"), /^30 came meanwhile$/);
  expect(await names()).toEqual(before);
  await page.getByRole("button", { name: "Resume" }).click();
  await untilNames((all) => all.length === before.length + 30, "what came meanwhile");
  const numbers = await page.locator(".event-preview").allTextContents();
  expect(numbers.slice(0, 30)).toEqual(Array.from({ length: 30 }, (_, n) => `n: ${31 - n}`));
});

it("is not connected while nobody sees it, and has what came meanwhile", async () => {
  const connections = async () => {
    const headers = { Authorization: `Bearer ${makeToken(server.data_dir, "events:read", "1h")}` };
    return ((await (await fetch(`${server.url}/api/realtime/metrics`, { headers })).json()) as { active_connections: number }).active_connections;
  };
  await hide(true);
  await lab.capture("door.left", { n: 1 });
  await until(connections, (open) => open === 0, "no connection");
  await lab.capture("door.left", { n: 99 });
  await hide(false);
  await untilNames((all) => all[0] === "door.left", "what came meanwhile");
  await until(connections, (open) => open === 1, "one connection");
  expect((await names()).length).toBe(33);
});

/** As a browser does to a tab behind another, of which it has none without a screen. */
async function hide(hidden: boolean): Promise<void> {
  await page.evaluate((now) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => now });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}

it.each<Theme>(["light", "dark"])("has no accessibility violations (%s)", async (theme) => {
  await page.getByRole("button", { name: "Add a condition" }).click();
  await page.emulateMedia({ colorScheme: theme });
  await until(() => page.evaluate(() => document.documentElement.dataset["theme"]), (now) => now === theme, theme);
  expect(await axeViolations(page)).toEqual([]);
});

it("goes back through the past without meeting an event twice", async () => {
  const batch = Array.from({ length: 250 }, (_, n) => ({ event: "step", properties: { n }, timestamp: new Date(Date.now() - n * 1000).toISOString() }));
  expect((await lab.captureBatch(batch)).accepted).toHaveLength(250);
  await page.goto(`${server.url}/events?events=step`);
  const found = page.locator(".found-end output");
  for (const count of [100, 200]) {
    await untilText(found, new RegExp(`^${count} found, .*There are older ones`));
    await lab.capture("step", { n: -1 });
    await page.getByRole("button", { name: "Older" }).click();
  }
  await untilText(found, /^250 found, .*There is nothing older/);
  expect(await page.locator(".event-preview").allTextContents()).toEqual(Array.from({ length: 250 }, (_, n) => `n: ${n}`));
  expect(await page.getByRole("button", { name: "Older" }).count()).toBe(0);
  await untilText(page.locator(".found .note").first(), /^On disk: up to no\. .*after \d+ ms at most$/);
});

it("searches between times and of one user, and says when there is nothing", async () => {
  await page.getByLabel("Of").fill("nobody");
  await page.getByRole("button", { name: "Search" }).click();
  await untilText(page.locator(".found-end output"), /^Nothing of this has happened/);
  await page.getByLabel("Of").fill("e2e");
  await page.getByLabel("Until").fill("2020-01-01T00:00:00");
  await page.getByRole("button", { name: "Search" }).click();
  await untilQuery((query) => query.has("until") && query.get("distinct_id") === "e2e", "the link");
  await untilText(page.locator(".found-end output"), /^Nothing of this has happened/);
  await page.getByLabel("Until").fill("");
  await page.getByRole("button", { name: "Search" }).click();
  await untilText(page.locator(".found-end output"), /^100 found/);
  expect(await axeViolations(page)).toEqual([]);
});

it("says what the server says when the past cannot be had, and tries again", async () => {
  const answer = { error: { code: "history_unreadable", message: "the disk is away", status: 503 } };
  await page.route("**/api/realtime/events?*", (route) => route.fulfill({ status: 503, json: answer }));
  await page.getByRole("button", { name: "Search" }).click();
  await untilText(page.locator(".found"), /the disk is away/);
  await page.unroute("**/api/realtime/events?*");
  await page.getByRole("button", { name: "Try again" }).click();
  await untilText(page.locator(".found-end output"), /^100 found/);
});

it("says so when the server goes, and goes on when it is back", async () => {
  const { port, data_dir } = server;
  await page.goto(`${server.url}/live?events=step`);
  await isLive();
  await server.kill();
  await untilText(page.locator(".banner"), /No events come/);
  server = await Server.start({ data_dir, port });
  await isLive();
  expect(await page.locator(".banner").count()).toBe(0);
  const token = makeToken(data_dir, "events:write", "1h");
  await new RealtimeAnalytics(server.url, { token: () => token }).capture("step", { n: "after" });
  await until(async () => await page.locator(".event-preview").first().textContent(), (text) => text === "n: after", "the event");
});

it("sends who may not read events to nowhere, and says what is missing", async () => {
  const { page: other } = await newPage(browser);
  await other.goto(`${server.url}/login`);
  await other.evaluate(async (token) => {
    await fetch("/api/auth/session", { method: "POST", headers: { Authorization: `Bearer ${token}` } });
  }, makeToken(server.data_dir, "stream:read", "1h"));
  for (const path of ["/live", "/events"]) {
    await other.goto(server.url + path);
    await untilText(other.getByRole("alert"), /without the permission to see events.*events:read/);
  }
  expect(problems).toEqual([]);
});
