import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { enter, fact, framesHere, launch, newPage, numberIn, until, untilText } from "./browser";
import { SplittingProxy } from "./proxy";
import { freshLink, newDataDir, Server } from "./server";

/** Little enough for a proxy that writes each byte by itself. */
const CONFIG = "source: {rate_hz: 8000}\nstream: {target_fps: 5, spectral_window_size: 256}\n";

let browser: Browser;
let server: Server;
let proxy: SplittingProxy;

beforeAll(async () => {
  const data_dir = newDataDir();
  writeFileSync(join(data_dir, "config.yaml"), CONFIG);
  [browser, server] = await Promise.all([launch(), Server.start({ data_dir })]);
  proxy = await SplittingProxy.start(server.port);
});

afterAll(async () => {
  await browser?.close();
  proxy?.dispose();
  await server?.dispose();
});

it("shows messages that come byte by byte, without a gap", async () => {
  const { page, problems } = await newPage(browser);
  await enter(page, server.link.replace(server.url, proxy.url));
  await until(() => framesHere(page), (frames) => frames > 20, "frames");
  await untilText(page.locator(".losses"), /No gap/);
  const peak = await untilText(page.locator(".peak-a strong"), /Hz/);
  expect(numberIn(peak)).toBeGreaterThan(0);
  await untilText(fact(page, "Rate, nominal"), /8\u202f000/);
  expect(await server.viewers()).toBe(2);
  expect(proxy.sockets).toBe(1);
  expect(problems).toEqual([]);
});

it("says that a proxy may be at fault when only the WebSocket does not get through, and goes on when it does", async () => {
  const { page } = await newPage(browser);
  proxy.mood = "swallows the upgrade";
  await page.goto(freshLink(server.data_dir).replace(server.url, proxy.url));
  await untilText(page.locator(".banner"), /server answers, but opens no WebSocket: a proxy .*docs\/proxy\.md/);
  await untilText(fact(page, "Rate, nominal"), /8\u202f000/);
  proxy.mood = "splits";
  await untilText(page.locator(".badges"), /running.*live/);
});
