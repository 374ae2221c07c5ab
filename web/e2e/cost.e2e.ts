// What the page costs: main-thread time per frame, and whether its memory grows. Prints its numbers.
// PHOTOPHONE_SOAK_SECS sets how long it looks; the bounds are the same for any duration.

import type { Browser, CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { framesHere, launch, newPage, numberIn, until, untilText } from "./browser";
import { Server } from "./server";

const SECS = Number(process.env["PHOTOPHONE_SOAK_SECS"] ?? 15);
const MEDIAN_MS = 8;
/** What a heap may grow by caches and compiled code that were not there at the first look. */
const GROWTH_MB = 4;
/** Frames after which everything has been used once. */
const WARM_FRAMES = 300;

let browser: Browser;
let server: Server;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

it(
  `keeps the main thread free and its memory bounded for ${SECS} s`,
  async () => {
    const { page, problems } = await newPage(browser);
    await page.goto(server.link);
    await page.waitForURL((url) => url.pathname === "/");
    await page.goto(`${server.url}/?perf`);
    await untilText(page.locator(".badges"), /live/);
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("Performance.enable");
    await until(() => framesHere(page), (frames) => frames > WARM_FRAMES, "warm-up");

    const before = await look(page, cdp);
    await until(async () => Date.now() - before.at_ms, (passed_ms) => passed_ms > SECS * 1000, "the time to pass", SECS * 1000);
    const after = await look(page, cdp);

    const drawn = after.drawn - before.drawn;
    const received = after.received - before.received;
    const secs = (after.at_ms - before.at_ms) / 1000;
    const busy_ms = ((after.busy_s - before.busy_s) * 1000) / received;
    const growth_mb = after.heap_mb - before.heap_mb;
    report([
      `received ${(received / secs).toFixed(1)} frames/s, drew ${(drawn / secs).toFixed(1)} pictures/s over ${secs.toFixed(0)} s`,
      `message and draw per picture: median ${after.median_ms} ms, p95 ${after.p95_ms} ms`,
      `all main-thread tasks per received frame (React, layout, polling included): mean ${busy_ms.toFixed(2)} ms`,
      `heap after collection: ${before.heap_mb.toFixed(1)} MB, then ${after.heap_mb.toFixed(1)} MB`,
    ]);
    expect(after.median_ms).toBeLessThan(MEDIAN_MS);
    expect(growth_mb).toBeLessThan(GROWTH_MB);
    expect(problems).toEqual([]);
  },
  (SECS + 90) * 1000,
);

interface Look {
  at_ms: number;
  drawn: number;
  received: number;
  median_ms: number;
  p95_ms: number;
  busy_s: number;
  heap_mb: number;
}

async function look(page: Page, cdp: CDPSession): Promise<Look> {
  await cdp.send("HeapProfiler.collectGarbage");
  const { usedSize } = await cdp.send("Runtime.getHeapUsage");
  const { metrics } = await cdp.send("Performance.getMetrics");
  const perf = (await page.locator(".perf").textContent()) ?? "";
  const [median_ms = Number.NaN, p95_ms = Number.NaN, drawn = Number.NaN] = perf.split(/,|·/).map(numberIn);
  return {
    at_ms: Date.now(),
    drawn,
    received: await framesHere(page),
    median_ms,
    p95_ms,
    busy_s: metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN,
    heap_mb: usedSize / 1e6,
  };
}

function report(lines: string[]): void {
  process.stdout.write(`${lines.map((line) => `  page cost: ${line}`).join("\n")}\n`);
}
