import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { axeViolations, enter, launch, newPage, numberIn, until, untilText } from "./browser";
import { nextEvent } from "./events";
import { makeToken, Server } from "./server";

let browser: Browser;
let server: Server;
let page: Page;
let problems: string[];

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  ({ page, problems } = await newPage(browser));
  await enter(page, server.link);
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

/** Kinds and parameters of the feeds that are computed. */
async function feeds(): Promise<string> {
  const headers = { Authorization: `Bearer ${makeToken(server.data_dir, "stream:read", "1h")}` };
  return await (await fetch(`${server.url}/api/audio/stream/feeds`, { headers })).text();
}

const untilQuery = (query: string) => until(async () => new URL(page.url()).search, (now) => now === query, `the address ${query}`);
const toggle = (name: string) => page.locator(".actions").getByRole("button", { name }).click();
const cell = async (name: string, column: number) =>
  numberIn((await page.locator(".lockin tr", { hasText: name }).locator("td").nth(column).textContent()) ?? "");

it("asks for a panel's feed only while the panel is open", async () => {
  expect(await page.locator(".lockin").count()).toBe(0);
  expect(await feeds()).not.toContain("lockin");
  await page.locator("body").press("i");
  await untilText(page.locator(".lockin"), /settled/);
  await untilQuery("?lockin=true");
  await until(() => server.viewers(), (viewers) => viewers === 3, "three streams");
  await page.getByRole("button", { name: "Lock-in" }).click();
  await until(() => server.viewers(), (viewers) => viewers === 2, "two streams");
  await untilQuery("");
});

it("reads amplitude and phase by the lock-in as the server does", async () => {
  await page.locator("body").press("i");
  await page.getByLabel("Reference").selectOption("frequency");
  await page.getByLabel("Frequency of the reference").fill("2000");
  await page.getByLabel("Frequency of the reference").press("Enter");
  await page.getByLabel("τ").selectOption("300 ms");
  await page.getByLabel("Slope").selectOption("12 dB/oct");
  await until(feeds, (list) => list.includes("2000") && list.includes("0.3"), "a feed with these parameters");
  await untilText(page.locator(".lockin"), /2.000\.0.Hz.*settled/);
  const token = makeToken(server.data_dir, "stream:read", "1h");
  const event = await nextEvent(server.url, token, "lockin?reference=2000&tau_s=0.3&slope=12", ({ settled }) => settled === true);
  const { amplitude, phase } = event["channel_a"] as { amplitude: number; phase: number };
  expect(Math.abs((await cell("Amplitude", 0)) / amplitude - 1)).toBeLessThan(0.005);
  expect(Math.abs((await cell("Phase", 0)) - (phase * 180) / Math.PI)).toBeLessThan(0.5);
  expect(await cell("Level", 0)).toBeCloseTo(numberIn((await page.locator(".peak-a").first().textContent())?.split("Hz")[1] ?? ""), 0);
  const [x, y] = [await cell("X", 0), await cell("Y", 0)];
  expect(Math.hypot(x, y)).toBeCloseTo(amplitude, 3);
});

it("says why a lock-in that cannot be is none, and leaves the other charts alone", async () => {
  await page.getByLabel("Frequency of the reference").fill("20000");
  await page.getByLabel("Frequency of the reference").press("Enter");
  await page.getByLabel("Harmonic").selectOption("2 f");
  await untilText(page.locator(".lockin .chart-fault"), /Nothing comes for this chart/);
  await untilText(page.locator(".badges"), /live/);
  await page.getByLabel("Harmonic").selectOption("1 f");
  await until(() => page.locator(".lockin .chart-fault").count(), (faults) => faults === 0, "a lock-in");
  await toggle("Lock-in");
});

it("shows cross-spectrum and coherence of both channels", async () => {
  await toggle("Cross");
  const text = await untilText(page.locator(".cross-readings"), /Hz.*dBFS.*°.*γ² \d.*n [1-9]/);
  expect(Math.abs(numberIn(text) - 2000)).toBeLessThan(12);
  const coherence = numberIn(/γ² (\S+)/.exec(text)?.[1] ?? "");
  expect(coherence).toBeGreaterThan(0.99);
  expect(coherence).toBeLessThanOrEqual(1);
  const token = makeToken(server.data_dir, "stream:read", "1h");
  const query = "spectral?cross=true&averaging=exp:3&overlap=0.5&fps=10";
  const event = await nextEvent(server.url, token, query, ({ averages }) => (averages as number) > 20);
  const cross = event["cross"] as Record<"magnitude" | "phase" | "coherence", number[]>;
  expect(Math.min(...cross.coherence)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...cross.coherence)).toBeLessThanOrEqual(1);
  const bin = cross.magnitude.indexOf(Math.max(...cross.magnitude));
  const turned = (numberIn(/([−\d.]+)\s°/.exec(text)?.[1] ?? "") - ((cross.phase[bin] as number) * 180) / Math.PI) % 360;
  expect(Math.min(Math.abs(turned), 360 - Math.abs(turned))).toBeLessThan(2);
});

it.each(["light", "dark"] as const)("has no accessibility violations with the panels open (%s)", async (theme) => {
  if ((await page.locator(".lockin").count()) === 0) await toggle("Lock-in");
  await page.emulateMedia({ colorScheme: theme });
  await until(() => page.evaluate(() => document.documentElement.dataset["theme"]), (now) => now === theme, theme);
  expect(await axeViolations(page)).toEqual([]);
  expect(problems).toEqual([]);
});

it("has the lock-in in sight at 1280 by 720", async () => {
  await page.setViewportSize({ width: 1280, height: 720 });
  await toggle("Cross");
  const box = async () => await page.locator(".lockin").evaluate((panel) => ({ end: panel.getBoundingClientRect().bottom, inside: panel.querySelector("table")?.getBoundingClientRect().bottom ?? 0 }));
  await until(box, ({ end, inside }) => end <= 720 && inside <= end, "a panel in sight");
});
