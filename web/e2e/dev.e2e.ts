// The page as `npm run dev` serves it: signing in through Vite, and parts of the page that only a browser can run.

import type { Browser } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { FrequencyAxis } from "../src/stream/frequency-axis";
import { enter, launch, newPage } from "./browser";
import { Server } from "./server";

const WEB = new URL("..", import.meta.url).pathname;

let browser: Browser;
let server: Server;
let vite: ViteDevServer;
let url: string;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  process.env["SERVER_URL"] = server.url;
  vite = await createServer({ root: WEB, logLevel: "error", server: { host: "127.0.0.1", port: 0 } });
  await vite.listen();
  url = new URL(vite.resolvedUrls?.local[0] ?? "").origin;
});

afterAll(async () => {
  await vite?.close();
  await browser?.close();
  await server?.dispose();
});

it("signs in through the development server", async () => {
  const { page, problems } = await newPage(browser);
  await enter(page, server.link.replace(server.url, url));
  expect(problems).toEqual([]);
});

it.each<[string, FrequencyAxis, number]>([
  ["many cells to a pixel", { scale: "linear", lo_hz: 0, hi_hz: 20_480 }, 16],
  ["a few cells to a pixel", { scale: "linear", lo_hz: 0, hi_hz: 20_480 }, 700],
  ["many pixels to a cell", { scale: "linear", lo_hz: 1000, hi_hz: 1300 }, 700],
  ["all of these", { scale: "log", lo_hz: 20, hi_hz: 20_480 }, 700],
])("paints the same waterfall by WebGL2 and by canvas 2D, with %s", async (_name, axis, width_px) => {
  const { page } = await newPage(browser);
  await page.goto(`${url}/login`);
  const call = `import("/e2e/painters.ts").then(({ unlike }) => unlike(${JSON.stringify(axis)}, ${width_px}))`;
  expect(await page.evaluate<number>(call)).toBeLessThan(0.01);
});
