import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { enter, launch, newPage, until, untilText } from "./browser";
import { Server } from "./server";

let browser: Browser;
let server: Server;
let page: Page;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start({ source: "sim:clipping" })]);
  ({ page } = await newPage(browser));
  await enter(page, server.link);
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

it("counts clips in a mark that holds its text", async () => {
  await untilText(page.locator(".meter-a .clip"), /CLIP .*k/);
  for (const selector of [".meter-a .clip", ".meter-a"]) {
    const overflow = await page.locator(selector).evaluate((element) => element.scrollWidth - element.clientWidth);
    expect(overflow, selector).toBeLessThanOrEqual(0);
  }
});

it("clears one mark by a click on it, and not what else is held", async () => {
  const counted = async (channel: string) => {
    const title = (await page.locator(`.meter-${channel} .clip`).getAttribute("title")) ?? "";
    return Number((/: [^\d]*([\d\u202f]+);/.exec(title)?.[1] ?? "0").replaceAll("\u202f", ""));
  };
  // Some 32 000 samples clip each second: from fewer the count would be back before it is looked at.
  await until(() => counted("a"), (now) => now > 300_000, "many clips");
  const [a, b] = [await counted("a"), await counted("b")];
  await page.locator(".meter-a .clip").click();
  await until(() => counted("a"), (now) => now < a, "fewer clips of channel A");
  expect(await counted("b")).toBeGreaterThanOrEqual(b);
});
