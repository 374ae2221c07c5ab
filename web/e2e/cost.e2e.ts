// What the page costs: how long the main thread is busy per frame with everything that it does (scripts, React, layout,
// painting, garbage collection), and whether its memory grows. Prints its numbers.
// PHOTOPHONE_SOAK_SECS sets how long it looks. A short look may share its machine with others: its bound on time is wider.

import type { Browser, CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { enter, framesHere, launch, newPage, numberIn, until, untilText } from "./browser";
import { freshLink, Server } from "./server";

const SECS = Number(process.env["PHOTOPHONE_SOAK_SECS"] ?? 15);
const MEDIAN_MS = process.env["PHOTOPHONE_SOAK_SECS"] ? 8 : 16;
/** How long the main thread is traced. */
const TRACE_SECS = 6;
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
    await until(() => framesHere(page), (frames) => frames > WARM_FRAMES, "warm-up");

    const busy_ms = await busyPerFrame(browser, page);
    const before = await look(page, cdp);
    await until(async () => Date.now() - before.at_ms, (passed_ms) => passed_ms > SECS * 1000, "the time to pass", SECS * 1000);
    const after = await look(page, cdp);

    const drawn = after.drawn - before.drawn;
    const received = after.received - before.received;
    const secs = (after.at_ms - before.at_ms) / 1000;
    const growth_mb = after.heap_mb - before.heap_mb;
    report([
      `received ${(received / secs).toFixed(1)} frames/s, drew ${(drawn / secs).toFixed(1)} pictures/s over ${secs.toFixed(0)} s`,
      `main thread busy per frame, all tasks: median ${at(busy_ms, 0.5)} ms, p95 ${at(busy_ms, 0.95)} ms, mean ${mean(busy_ms)} ms`,
      `of these, this page's message handling and drawing: median ${after.median_ms} ms, p95 ${after.p95_ms} ms`,
      `heap after collection: ${before.heap_mb.toFixed(1)} MB, then ${after.heap_mb.toFixed(1)} MB`,
    ]);
    expect(Number(at(busy_ms, 0.5))).toBeLessThan(MEDIAN_MS);
    expect(growth_mb).toBeLessThan(GROWTH_MB);
    expect(problems).toEqual([]);
  },
  (SECS + 90) * 1000,
);

it("lets no pictures pile up for a page that is held up", async () => {
  const { page } = await newPage(browser);
  await page.addInitScript(() => {
    const arrivals_ms: number[] = [];
    type Message = { type: string; head?: { arrived_ms: number } | null };
    const note = ({ data: { type, head } }: MessageEvent<Message>) => type === "tick" && head && arrivals_ms.push(head.arrived_ms);
    globalThis.Worker = class extends Worker {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        this.addEventListener("message", note);
      }
    };
    Object.assign(globalThis, { arrivals_ms });
  });
  await enter(page, freshLink(server.data_dir));
  await until(() => framesHere(page), (frames) => frames > 30, "frames");
  const piled_up = await page.evaluate(async (held_ms) => {
    const { arrivals_ms } = globalThis as unknown as { arrivals_ms: number[] };
    const [before, end_ms] = [arrivals_ms.length, Date.now() + held_ms];
    while (Date.now() < end_ms);
    while (!arrivals_ms.some((at_ms) => at_ms >= end_ms)) await new Promise((resolve) => requestAnimationFrame(resolve));
    return arrivals_ms.slice(before).filter((at_ms) => at_ms < end_ms).length;
  }, 3000);
  expect(piled_up).toBeGreaterThan(0);
  expect(piled_up).toBeLessThan(30);
});

interface Look {
  at_ms: number;
  drawn: number;
  received: number;
  median_ms: number;
  p95_ms: number;
  heap_mb: number;
}

async function look(page: Page, cdp: CDPSession): Promise<Look> {
  await cdp.send("HeapProfiler.collectGarbage");
  const { usedSize } = await cdp.send("Runtime.getHeapUsage");
  const perf = (await page.locator(".perf").textContent()) ?? "";
  const [median_ms = Number.NaN, p95_ms = Number.NaN, drawn = Number.NaN] = perf.split(/,|·/).map(numberIn);
  return {
    at_ms: Date.now(),
    drawn,
    received: await framesHere(page),
    median_ms,
    p95_ms,
    heap_mb: usedSize / 1e6,
  };
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds. */
  ts: number;
  dur?: number;
  args: { name?: string };
}

/** Milliseconds that the page's main thread was busy in each interval of one frame, sorted. */
async function busyPerFrame(traced: Browser, page: Page): Promise<number[]> {
  const [start_ms, first] = [Date.now(), await framesHere(page)];
  await traced.startTracing(page, { categories: ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"] });
  await until(async () => Date.now() - start_ms, (passed_ms) => passed_ms > TRACE_SECS * 1000, "the trace", TRACE_SECS * 1000);
  const frame_us = ((Date.now() - start_ms) * 1000) / ((await framesHere(page)) - first);
  const { traceEvents } = JSON.parse((await traced.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const tasks = mainThreadTasks(traceEvents);
  const begin_us = tasks.reduce((least, { ts }) => Math.min(least, ts), Number.POSITIVE_INFINITY);
  const busy_ms: number[] = [];
  for (const { ts, dur = 0 } of tasks) {
    const frame = Math.floor((ts - begin_us) / frame_us);
    busy_ms[frame] = (busy_ms[frame] ?? 0) + dur / 1000;
  }
  return Array.from(busy_ms, (ms) => ms ?? 0).toSorted((x, y) => x - y);
}

/** Tasks of the renderer's main thread that runs the page's scripts. */
function mainThreadTasks(events: TraceEvent[]): TraceEvent[] {
  const key = ({ pid, tid }: TraceEvent) => `${pid}:${tid}`;
  const mains = new Set(events.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain").map(key));
  const tasks = events.filter((event) => event.name === "RunTask" && event.ph === "X" && mains.has(key(event)));
  const perThread = new Map<string, TraceEvent[]>();
  for (const task of tasks) {
    const list = perThread.get(key(task)) ?? [];
    list.push(task);
    perThread.set(key(task), list);
  }
  return [...perThread.values()].toSorted((x, y) => y.length - x.length)[0] ?? [];
}

const at = (sorted: number[], share: number) => (sorted[Math.floor(share * sorted.length)] ?? Number.NaN).toFixed(2);
const mean = (values: number[]) => (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(2);

function report(lines: string[]): void {
  process.stdout.write(`${lines.map((line) => `  page cost: ${line}`).join("\n")}\n`);
}
