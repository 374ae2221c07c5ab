import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { enter, fact, framesHere, launch, newPage, until, untilMoved, untilText } from "./browser";
import { newDataDir, Server } from "./server";

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

it("says that the server was shut down, and tries again at once when asked to", async () => {
  const { page } = await newPage(browser);
  // The first server's link is used up; the restarted one printed another.
  await enter(page, server.link);
  const { port } = server;
  await server.terminate();
  await untilText(page.locator(".banner"), /server is ending|shut down|stream has ended|cannot be reached/);
  server = await Server.start({ data_dir, port });
  await page.getByRole("button", { name: "Try now" }).click({ timeout: 2000 }).catch(() => null);
  await untilText(page.locator(".badges"), /running.*live/);
});
