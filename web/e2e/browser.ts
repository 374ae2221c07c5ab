// Chromium and what the tests ask of a page: its pixels, its text, its accessibility.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from "playwright-core";

/** Conditions are looked at this often, and waited for this long, also on a busy machine. */
const POLL_MS = 100;
const PATIENCE_MS = 45_000;

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export async function launch(): Promise<Browser> {
  return await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-dev-shm-usage",
      "--mute-audio",
      // Everything in software: 2D canvases by the CPU, WebGL by SwiftShader.
      "--disable-gpu",
      "--enable-unsafe-swiftshader",
      "--enable-precise-memory-info",
    ],
  });
}

export type Theme = "light" | "dark";

/** A page of its own that fails the test on any script error and on any request that leaves the server. */
export async function newPage(browser: Browser, theme: Theme = "dark"): Promise<{ page: Page; problems: string[] }> {
  const context: BrowserContext = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: theme });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const problems: string[] = [];
  watch(page, problems);
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) problems.push(message.text());
  });
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith("http") && hostname !== "127.0.0.1") problems.push(`request to ${hostname}`);
  });
  return { page, problems };
}

/** Counts script errors and the end of the page's process among the problems. */
export function watch(page: Page, problems: string[]): void {
  page.on("pageerror", (error) => problems.push(`script error: ${error.message}`));
  page.on("crash", () => problems.push(`crashed: ${page.url()}`));
}

/** Opens the live view with a one-time link and waits until frames are drawn. */
export async function enter(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.waitForURL((url) => url.pathname === "/");
  await untilText(page.locator(".badges"), /live/);
}

export async function untilText(locator: Locator, pattern: RegExp): Promise<string> {
  return await until(
    async () => (await locator.textContent()) ?? "",
    (text) => pattern.test(text),
    String(pattern),
  );
}

/** Asks again and again until the answer is right; returns it. */
export async function until<T>(
  ask: () => Promise<T>,
  right: (answer: T) => boolean,
  what: string,
  more_ms = 0,
): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS + more_ms;
  for (;;) {
    const answer = await ask();
    if (right(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}; last: ${String(answer).slice(0, 500)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** The value beside a name in the panels of facts. */
export function fact(page: Page, name: string): Locator {
  return page.locator(".fact", { has: page.locator("dt", { hasText: name }) }).locator("dd");
}

/** The number in a text, grouping spaces and true minus signs understood. */
export function numberIn(text: string): number {
  return Number.parseFloat(text.replaceAll("\u202f", "").replace("−", "-").replace(/^[^\d-]*/, ""));
}

/** Number of frames that this page has received. */
export async function framesHere(page: Page): Promise<number> {
  return numberIn((await fact(page, "Frames here / server").textContent()) ?? "");
}

/** Number of different colours in what an element looks like. */
export async function colors(locator: Locator): Promise<number> {
  const png = (await locator.screenshot()).toString("base64");
  return await locator.page().evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    if (context === null) throw new Error("no canvas");
    context.drawImage(bitmap, 0, 0);
    return new Set(new Uint32Array(context.getImageData(0, 0, bitmap.width, bitmap.height).data.buffer)).size;
  }, png);
}

/** Whether a canvas within an element has pixels of exactly a colour of the theme, as "--a". */
export async function hasColor(locator: Locator, variable: string): Promise<boolean> {
  return await locator.locator("canvas").evaluate((canvas, name) => {
    const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const copy = new OffscreenCanvas((canvas as HTMLCanvasElement).width, (canvas as HTMLCanvasElement).height).getContext("2d");
    if (probe === null || copy === null) throw new Error("no canvas");
    probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name);
    probe.fillRect(0, 0, 1, 1);
    copy.drawImage(canvas as HTMLCanvasElement, 0, 0);
    const wanted = new Uint32Array(probe.getImageData(0, 0, 1, 1).data.buffer)[0];
    return new Uint32Array(copy.getImageData(0, 0, copy.canvas.width, copy.canvas.height).data.buffer).includes(wanted as number);
  }, variable);
}

/** Whether an element looks different after a while; waits until it does. */
export async function untilMoved(locator: Locator): Promise<void> {
  const before = await locator.screenshot();
  await until(
    () => locator.screenshot(),
    (now) => !now.equals(before),
    "a moving picture",
  );
}

/** Accessibility violations, as "rule: element". */
export async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return await page.evaluate(async () => {
    type Result = { violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] };
    const { axe } = globalThis as unknown as { axe: { run: () => Promise<Result> } };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ""}`));
  });
}
