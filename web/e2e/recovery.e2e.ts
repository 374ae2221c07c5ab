import { createServer, type Server as HttpServer } from "node:http";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { enter, fact, framesHere, launch, newPage, until, untilMoved, untilText } from "./browser";
import { freshLink, newDataDir, Server } from "./server";

let browser: Browser;
const data_dir = newDataDir();
let server: Server;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start({ data_dir })]);
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

it("comes back after the server was killed, and shows the new epoch and the loss", async () => {
  const { page, problems } = await newPage(browser);
  await enter(page, server.link);
  const epoch = await untilText(fact(page, "Epoch"), /[0-9a-f]{8}/);
  const { port } = server;

  await server.kill();
  await untilText(page.locator(".badges"), /source —.*reconnecting in \d s/);
  await untilText(page.locator(".banner"), /The picture is old/);
  await untilText(fact(page, "Streams open, all viewers"), /—/);

  server = await Server.start({ data_dir, port });
  await untilText(page.locator(".badges"), /running.*live/);
  await until(
    async () => await fact(page, "Epoch").textContent(),
    (now) => now !== epoch && now !== "—",
    "a new epoch",
  );
  await untilText(page.locator(".losses"), /connection lost.*new epoch/);
  const here = await framesHere(page);
  await until(() => framesHere(page), (now) => now > here + 10, "frames of the new server");
  await untilMoved(page.locator(".waterfall-canvas"));
  expect(problems).toEqual([]);
});

it("says why the server ended, and tries again at once when asked to", async () => {
  const { page } = await newPage(browser);
  // The first server's link is used up; the restarted one printed another.
  await enter(page, server.link);
  const { port } = server;
  const told = await watchBanner(page);
  await server.terminate();
  const busy = await refuseAll(port);
  await untilText(page.locator(".badges"), /reconnecting in [34]\d\d s/);
  expect(await told()).toContain("server is ending");

  await stop(busy);
  server = await Server.start({ data_dir, port });
  // By itself the page would still wait for minutes.
  await untilText(page.locator(".badges"), /reconnecting in [34]\d\d s/);
  await page.getByRole("button", { name: "Try now" }).click();
  await untilText(page.locator(".badges"), /running.*live/);
});

it("shows what it has as old, and claims no state, while the server says nothing", async () => {
  const { page } = await newPage(browser);
  await enter(page, freshLink(data_dir));
  const opacity = (selector: string) => page.locator(selector).evaluate((element) => getComputedStyle(element).opacity);
  await untilText(page.locator(".badges"), /running.*live/);
  expect([await opacity(".charts"), await opacity(".levels")]).toEqual(["1", "1"]);
  server.freeze();
  try {
    await untilText(page.locator(".badges"), /source —.*no frame for \d+ s/);
    expect(Number(await opacity(".charts"))).toBeLessThan(0.6);
    expect(Number(await opacity(".levels"))).toBeLessThan(0.6);
  } finally {
    server.thaw();
  }
  await untilText(page.locator(".badges"), /running.*live/);
  expect([await opacity(".charts"), await opacity(".levels")]).toEqual(["1", "1"]);
});

/** Takes note of what the banner says from now on, were it for a moment; the answer tells it. */
async function watchBanner(page: Page): Promise<() => Promise<string>> {
  await page.evaluate(() => {
    const told = new Set<string>();
    const look = () => told.add(document.querySelector(".banner")?.textContent ?? "");
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
    Object.assign(globalThis, { told });
  });
  return () => page.evaluate(() => [...(globalThis as unknown as { told: Set<string> }).told].join("; "));
}

/** In the server's place one that asks for minutes of patience, as a proxy may. */
async function refuseAll(port: number): Promise<HttpServer> {
  const busy = createServer((_, response) => response.writeHead(503, { "Retry-After": "400" }).end());
  await new Promise<void>((listening) => busy.listen(port, "127.0.0.1", listening));
  return busy;
}

async function stop(busy: HttpServer): Promise<void> {
  const closed = new Promise((done) => busy.close(done));
  busy.closeAllConnections();
  await closed;
}
