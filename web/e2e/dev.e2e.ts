// The page as `npm run dev` serves it.

import type { Browser } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";
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
