import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { axeViolations, colors, enter, fact, framesHere, hasColor, launch, newPage, numberIn, until, untilMoved, untilText } from "./browser";
import { Server } from "./server";

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

it.each([".waveform", ".spectrum", ".waterfall-canvas"])("draws and moves %s", async (selector) => {
  const chart = page.locator(selector);
  await until(
    () => colors(chart),
    (found) => found > 20,
    "a picture with more than 20 colours",
  );
  await untilMoved(chart);
});

it.each(["webgl2", "canvas2d"])("paints the waterfall by %s", async (painter) => {
  await page.locator("body").press("?");
  await page.getByLabel("Waterfall by").selectOption(painter);
  await page.getByRole("button", { name: "Close" }).click();
  const canvas = page.locator(`.waterfall-canvas canvas[data-painter=${painter}]`);
  await until(
    () => colors(canvas),
    (found) => found > 20,
    "a picture with more than 20 colours",
  );
  await untilMoved(canvas);
});

it("shows what the server tells", async () => {
  await untilText(page.locator(".badges"), /running.*bit-exact.*live/);
  await untilText(fact(page, "Streams open, all viewers"), /[1-9]/);
  await untilText(fact(page, "Rate, nominal"), /48\u202f000/);
  await untilText(page.locator(".peak-a strong"), /Hz/);
  await untilText(page.locator(".meter-a .meter-peak"), /−\d/);
  const here = await framesHere(page);
  await until(() => framesHere(page), (now) => now > here + 20, "frames");
  expect(await page.locator(".losses").textContent()).toContain("No gap");
  expect(problems).toEqual([]);
});

it("has all numbers in sight at 1280 by 800", async () => {
  await page.setViewportSize({ width: 1280, height: 800 });
  const hidden_px = () => page.locator(".numbers").evaluate((numbers) => numbers.scrollHeight - numbers.clientHeight);
  await until(hidden_px, (hidden) => hidden === 0, "numbers without scrolling");
  const end = await page.locator(".losses").evaluate((losses) => losses.getBoundingClientRect().bottom);
  expect(end).toBeLessThanOrEqual(800);
  await page.setViewportSize({ width: 1440, height: 900 });
});

it("keeps the numbers of a level apart at 320 px", async () => {
  await page.setViewportSize({ width: 320, height: 700 });
  const overlap_px = await page.locator(".meter").evaluateAll((meters) => {
    const box = (meter: Element, part: string) => {
      const text = document.createRange();
      text.selectNodeContents(meter.querySelector(part) as Element);
      return text.getBoundingClientRect();
    };
    return meters.flatMap((meter) => [
      box(meter, ".meter-peak").right - box(meter, ".meter-rms").left,
      box(meter, ".meter-rms").right - box(meter, ".clip").left,
      box(meter, ".clip").right - meter.getBoundingClientRect().right,
    ]);
  });
  for (const each of overlap_px) expect(each).toBeLessThanOrEqual(0);
  await page.setViewportSize({ width: 1440, height: 900 });
});

it("agrees with the server about levels", async () => {
  const [shown, stats] = await Promise.all([
    page.locator(".meter-a .meter-rms b").textContent(),
    page.evaluate(async () => (await (await fetch("/api/audio/stream/stats")).json()) as { rms_dbfs: { a: number } }),
  ]);
  expect(Math.abs(numberIn(shown ?? "") - stats.rms_dbfs.a)).toBeLessThan(2);
});

it("pauses and resumes by the space bar while frames go on", async () => {
  const charts = page.locator(".charts");
  await page.locator("body").press("Space");
  await page.getByRole("button", { name: "Resume" }).waitFor();
  await untilText(page.locator(".badges"), /live.*paused/);
  expect(await charts.getByText("paused", { exact: true }).count()).toBe(3);
  // A picture that was under way may still come; then nothing moves.
  let last = await charts.screenshot();
  await until(
    async () => {
      const before = last;
      last = await charts.screenshot();
      return last.equals(before);
    },
    (same) => same,
    "a still picture",
  );
  const here = await framesHere(page);
  await until(() => framesHere(page), (now) => now > here + 15, "frames while paused");
  expect((await charts.screenshot()).equals(last)).toBe(true);
  await page.locator("body").press("Space");
  await untilMoved(charts);
  expect(await page.getByText("paused").count()).toBe(0);
  expect(await page.locator(".losses").textContent()).toContain("No gap");
});

it("follows keys: axis, maximum hold, trigger, span", async () => {
  const axis = page.getByLabel("Axis");
  const was = await axis.inputValue();
  await page.locator("body").press("l");
  await until(() => axis.inputValue(), (now) => now !== was, "another axis");
  await page.locator("body").press("h");
  await page.getByRole("button", { name: "Max hold", pressed: true }).waitFor();
  await page.locator("body").press("t");
  await page.getByRole("button", { name: "Trigger A", pressed: false }).waitFor();
  const span = page.getByLabel("Span");
  const before = await span.inputValue();
  await page.locator("body").press("]");
  await until(() => span.inputValue(), (now) => Number(now) > Number(before), "a longer span");
  await until(async () => page.url(), (url) => url.includes("trigger=false"), "the view in the address");
  await page.reload();
  await untilText(page.locator(".badges"), /live/);
  expect(await axis.inputValue()).not.toBe(was);
});

it("says that a band without frequencies is not followed", async () => {
  const [from, to] = [page.getByLabel("Lowest frequency"), page.getByLabel("Highest frequency")];
  await from.fill("20000");
  await to.fill("10");
  await to.press("Enter");
  await untilText(page.locator(".spectrum .fault"), /24.000 Hz is shown/);
  expect([await from.getAttribute("aria-invalid"), await to.getAttribute("aria-invalid")]).toEqual(["true", "true"]);
  await from.fill("none");
  await from.press("Enter");
  await page.getByText("not a number of Hz").waitFor();
  for (const field of [from, to]) {
    await field.fill("");
    await field.press("Enter");
  }
  await until(() => page.locator(".fault").count(), (faults) => faults === 0, "no fault");
});

it("reads frequency and level at a cursor moved by keys, and the distance to a marker", async () => {
  const slider = page.getByRole("slider", { name: "Spectrum" });
  await untilText(page.locator(".peak-a strong"), /Hz/);
  await slider.focus();
  await slider.press("Enter");
  const readout = page.locator(".spectrum .cursor-readout");
  const peak = numberIn((await page.locator(".peak-a strong").textContent()) ?? "");
  const text = await untilText(readout, /^cursor .*Hz .*A .*B .*dBFS$/);
  expect(Math.abs(numberIn(text) - peak)).toBeLessThan(60);
  await slider.press("m");
  await untilText(readout, /\nmarker .*\nΔ\s+0.0\sHz\s+A 0.0/);
  const before = await slider.getAttribute("aria-valuetext");
  await slider.press("Shift+ArrowRight");
  await until(() => slider.getAttribute("aria-valuetext"), (now) => now !== before, "a cursor that moves");
  const [cursor_hz, marker_hz, apart_hz] = (await untilText(readout, /Δ\s+\+[1-9]/)).split("\n").map(numberIn);
  expect(apart_hz).toBeCloseTo((cursor_hz ?? 0) - (marker_hz ?? 0), 0);
  await slider.press("Escape");
  await until(async () => await readout.textContent(), (now) => now === "", "no cursor");
});

it("reads times in the waveform by the pointer, and sets a marker by a click", async () => {
  const readout = page.locator(".waveform .cursor-readout");
  const over = page.locator(".lane-a .u-over");
  const { width } = await over.evaluate((element) => element.getBoundingClientRect());
  await over.hover({ position: { x: width / 4, y: 20 } });
  const quarter = numberIn(await untilText(readout, /^cursor .*ms\s+A .*B .*FS$/));
  await over.click({ position: { x: width / 4, y: 20 } });
  await over.hover({ position: { x: (3 * width) / 4, y: 20 } });
  const lines = (await untilText(readout, /\nmarker .*\nΔ \+.*1\/Δt/)).split("\n");
  const span_ms = Number(await page.getByLabel("Span").inputValue());
  expect(numberIn(lines[1] ?? "")).toBeCloseTo(quarter, 0);
  expect(Math.abs(numberIn(lines[2] ?? "") - span_ms / 2)).toBeLessThan(span_ms / 100);
  expect(numberIn(/1\/Δt (.*)$/.exec((lines[2] ?? "").split("  ")[1] ?? "")?.[1] ?? "")).toBeCloseTo(2000 / span_ms, -1);
  await page.locator(".lane-b .u-over").click({ position: { x: width / 4, y: 20 } });
  await page.locator("h1").hover();
  await until(async () => await readout.textContent(), (now) => now === "", "no cursor");
});

it("holds the smallest levels, and keeps a spectrum to compare with", async () => {
  const plot = page.locator(".spectrum .plot");
  const kept = page.getByRole("button", { name: "Keep this trace" });
  await page.locator("body").press("n");
  await page.getByRole("button", { name: "Min hold", pressed: true }).waitFor();
  await kept.click();
  await page.getByRole("button", { name: "Keep this trace", pressed: true }).waitFor();
  expect(await hasColor(plot, "--kept-a")).toBe(true);
  expect(await hasColor(plot, "--min-a")).toBe(true);
  await page.locator("body").press("k");
  await page.getByRole("button", { name: "Keep this trace", pressed: false }).waitFor();
  await until(() => hasColor(plot, "--kept-a"), (there) => !there, "no kept trace");
  await page.locator("body").press("n");
});

it("reads the waterfall at a place of the past, and draws that row in the spectrum", async () => {
  const slider = page.getByRole("slider", { name: "Waterfall" });
  await slider.focus();
  await slider.press("Enter");
  await slider.press("Shift+ArrowDown");
  const text = await untilText(page.locator(".waterfall .cursor-readout"), /^−0\.\d\d\ss .*Hz .*A −\d+ .*B −\d+ dBFS$/);
  const level = numberIn(/A (\S+)/.exec(text)?.[1] ?? "");
  const peak = numberIn((await page.locator(".peak-a").textContent())?.split("Hz")[1] ?? "");
  expect(Math.abs(level - peak)).toBeLessThan(2.5);
  expect(await hasColor(page.locator(".spectrum .plot"), "--past")).toBe(true);
  await slider.press("Escape");
  await until(() => hasColor(page.locator(".spectrum .plot"), "--past"), (there) => !there, "no row of the past");
  const before = await page.locator(".waterfall-canvas").screenshot();
  await page.getByLabel("Colours").selectOption("viridis");
  await until(() => page.locator(".waterfall-canvas").screenshot(), (now) => !now.equals(before), "other colours");
});

it.each(["light", "dark"] as const)("has no accessibility violations (%s)", async (theme) => {
  await page.emulateMedia({ colorScheme: theme });
  await until(() => page.evaluate(() => document.documentElement.dataset["theme"]), (now) => now === theme, theme);
  expect(await axeViolations(page)).toEqual([]);
  await page.locator("body").press("?");
  await page.getByRole("dialog").waitFor();
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Close");
  expect(await axeViolations(page)).toEqual([]);
  await page.getByRole("button", { name: "Close" }).click();
});

it("reaches every control by the keyboard", async () => {
  const reached = new Set<string>();
  const wanted = await page.evaluate(() => document.querySelectorAll("button, select, input:not([type=checkbox]), [tabindex]").length);
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  for (let n = 0; n < wanted + 5; n++) {
    await page.keyboard.press("Tab");
    reached.add(
      await page.evaluate(() => {
        const { activeElement: element } = document;
        const visible = element?.matches(":focus-visible") ?? false;
        return visible ? `${element?.tagName} ${element?.textContent?.slice(0, 20)} ${element?.getAttribute("aria-label")} ${element?.parentElement?.textContent?.slice(0, 12)}` : "";
      }),
    );
  }
  for (const name of ["Pause", "Clear", "Theme", "Help", "Sign out", "Span", "Trigger", "Axis", "frequency cursor", "Row", "Channel"]) {
    expect([...reached].some((each) => each.includes(name)), `${name} in ${[...reached].join(" | ")}`).toBe(true);
  }
});
