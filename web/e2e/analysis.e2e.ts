// How spectra are computed, chosen on the page: what reaches the server, and what is shown of it.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { axeViolations, enter, launch, newPage, numberIn, until, untilText } from "./browser";
import { newDataDir, Server } from "./server";

/** The tone of the simulated cell, and its amplitude as a fraction of full scale. */
const TONE_HZ = 2000;
const AMPLITUDE = 0.1;
const FULL_SCALE_V = 2;

let browser: Browser;
let server: Server;
let page: Page;
let problems: string[];

beforeAll(async () => {
  const data_dir = newDataDir();
  // Volts and no pascals, of channel A only.
  writeFileSync(join(data_dir, "config.yaml"), `calibration: {a: {full_scale_v: ${FULL_SCALE_V}}}\n`);
  [browser, server] = await Promise.all([launch(), Server.start({ data_dir })]);
  ({ page, problems } = await newPage(browser));
  await enter(page, server.link);
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

/** Parameters of the feeds of spectra that somebody watches. */
async function watched(): Promise<string[]> {
  const feeds = await page.evaluate(async () => {
    const answer = await fetch("/api/audio/stream/feeds");
    return (await answer.json()) as { kind: string; parameters: string; viewers: number }[];
  });
  return feeds.flatMap(({ kind, parameters, viewers }) => (kind === "spectrum" && viewers > 0 ? [parameters] : []));
}

const box = () => page.locator(".analysis-box");
const control = (label: string) => box().locator(".choice", { has: page.getByText(label, { exact: true }) }).locator("select, input");
const choose = (label: string, option: string) => control(label).selectOption(option);
async function type(label: string, text: string): Promise<void> {
  await control(label).fill(text);
  await control(label).press("Enter");
}
const untilWatched = (pattern: RegExp) => until(watched, (feeds) => feeds.length === 1 && pattern.test(feeds[0] ?? ""), String(pattern));

it("watches the plain spectrum as long as nothing is chosen", async () => {
  await untilWatched(/^size=4096&window=hann$/);
  await untilText(page.locator(".resolution"), /N 4.?096$/);
});

it("brings window, size, overlap and averaging to the server, and says what came of them", async () => {
  await page.getByText("Analysis", { exact: true }).click();
  await choose("Size", "8192");
  await choose("Window", "kaiser");
  await type("β", "9");
  await choose("Overlap", "0.75");
  await choose("Averaging", "linear");
  await type("n", "4");
  await untilWatched(/size=8192&window=kaiser:9&overlap=0\.75&averaging=linear:4&/);
  await untilText(page.locator(".resolution"), /^n = 4 .*kaiser:9 .*N 8.?192 .*overlap 75 %$/);
  expect(await axeViolations(page)).toEqual([]);
});

it("says what is wrong with a number and does not send it", async () => {
  await type("n", "0.5");
  await untilText(box().locator(".fault"), /1 to 100000, whole/);
  await untilWatched(/averaging=linear:4&/);
  await type("n", "8");
  await untilWatched(/averaging=linear:8&/);
});

it("lists the tone among the peaks, and puts the cursor there", async () => {
  await choose("Averaging", "exp");
  await choose("Peaks", "3");
  await control("Peaks").press("Escape");
  const tone = page.locator(".peak-table tbody tr").first();
  const text = await untilText(tone.locator("td").first(), /Hz/);
  expect(Math.abs(numberIn(text) - TONE_HZ)).toBeLessThan(0.5);
  const level_db = numberIn((await tone.locator("td").nth(1).textContent()) ?? "");
  expect(Math.abs(level_db - 20 * Math.log10(AMPLITUDE))).toBeLessThan(0.2);
  await tone.getByRole("button").first().click();
  const cursor = await untilText(page.locator(".spectrum .cursor-readout"), /cursor .*Hz/);
  expect(Math.abs(numberIn(cursor) - TONE_HZ)).toBeLessThan(60);
});

it("draws levels of a calibrated channel in its unit, and offers no unit that is not calibrated", async () => {
  await page.locator(".analysis > summary").click();
  const unit = control("Unit");
  await untilText(unit, /dB SPL \(set calibration\.a\.sensitivity_mv_pa\)/);
  expect(await unit.locator("option").evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).disabled))).toEqual([
    false, true, false, true,
  ]);
  await choose("Unit", "v");
  await untilWatched(/unit=v&/);
  const peak = await untilText(page.locator(".peak-a"), /dB re 1 V$/);
  const level_db = numberIn(/Hz(.*) dB/.exec(peak)?.[1] ?? "");
  expect(Math.abs(level_db - 20 * Math.log10(AMPLITUDE * FULL_SCALE_V))).toBeLessThan(0.3);
  // Channel B has none.
  expect(await page.locator(".peak-b").count()).toBe(0);
  await choose("Scale", "psd");
  await untilText(page.locator(".color-scale"), /−140.*−20 dB re 1 V²\/Hz/);
});

it("keeps the choice over a reload, and takes it back", async () => {
  // At once, before the address is written.
  await choose("Overlap", "0.5");
  await page.reload();
  await untilWatched(/overlap=0\.5&averaging=exp:1&scale=psd&unit=v&/);
  await page.locator(".analysis > summary").click();
  await box().getByRole("button", { name: "As the server does by itself" }).click();
  await untilWatched(/^size=4096&window=hann$/);
  await untilText(page.locator(".peak-b"), /dBFS/);
  expect(await page.locator(".peak-table").count()).toBe(0);
  expect(problems).toEqual([]);
});

it("says in its panels why the server gives no such spectrum, and leaves the others alone", async () => {
  const stored = JSON.stringify({ unit: "pa" });
  await page.evaluate((text) => localStorage.setItem("photophone.settings", text), stored);
  await page.reload();
  for (const panel of [".spectrum", ".waterfall"]) await untilText(page.locator(`${panel} .chart-fault`), /sensitivity_mv_pa is not set/);
  await untilText(page.locator(".badges"), /running.*live/);
  expect(await page.locator(".waveform .chart-fault").count()).toBe(0);
  await page.locator(".analysis > summary").click();
  await choose("Unit", "dbfs");
  await untilText(page.locator(".peak-a"), /dBFS/);
  expect(await page.locator(".chart-fault").count()).toBe(0);
});

it("gives each of two tabs the spectrum that it chose, and watches none that nobody shows", async () => {
  const other = await page.context().newPage();
  await other.goto(`${server.url}/`);
  await untilText(other.locator(".resolution"), /hann/);
  await choose("Averaging", "peak");
  await untilText(page.locator(".resolution"), /n = \d/);
  expect((await watched()).toSorted()).toEqual([expect.stringMatching(/^size=4096&window=hann$/), expect.stringMatching(/averaging=peak/)]);
  expect(await other.locator(".resolution").textContent()).not.toContain("n =");
  expect(await server.viewers()).toBe(3);
  await other.close();
  await untilWatched(/averaging=peak/);
  expect(await server.viewers()).toBe(2);
});

it("gives two tabs that ask for one feed in different words the same spectrum, also when the first of them goes", async () => {
  const open = async (size: string) => {
    const tab = await page.context().newPage();
    await tab.goto(`${server.url}/?overlap=0.75&averaging=peak${size}`);
    await untilText(tab.locator(".resolution"), /n = \d/);
    return tab;
  };
  const [first, second] = [await open(""), await open("&fft_size=4096")];
  expect((await watched()).filter((parameters) => parameters.includes("overlap=0.75"))).toHaveLength(1);
  await first.close();
  const averages = async () => await second.locator(".resolution").textContent();
  const before = await averages();
  await until(averages, (now) => now !== before, "averages that go on");
  expect(await second.locator(".chart-fault:not(:empty)").count()).toBe(0);
  await second.close();
});
