import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { axeViolations, enter, fact, launch, newPage, type Theme, until, untilText } from "./browser";
import { Server } from "./server";

/** Longer than a badge is wide. */
const PATH = `/nonexistent/${"a-folder-with-a-long-name/".repeat(6)}x.wav`;

let browser: Browser;
let server: Server;
let page: Page;
let problems: string[];

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start({ source: `wav:${PATH}` })]);
  ({ page, problems } = await newPage(browser));
  await page.goto(server.link);
  await page.waitForURL((url) => url.pathname === "/");
  await untilText(page.locator(".badges"), /failed.*no frame yet/);
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

it("tells in full why there is nothing to see", async () => {
  const notice = page.locator(".notice");
  await untilText(notice, /Source failed.*x\.wav: cannot be opened.*file_unreadable/);
  const overflow = await notice.evaluate((element) => element.scrollWidth - element.clientWidth);
  expect(overflow).toBe(0);
  expect(problems).toEqual([]);
});

it("claims nothing about samples that never came", async () => {
  for (const selector of [".waveform", ".spectrum", ".waterfall"]) {
    await untilText(page.locator(selector), /No samples: source failed/);
  }
  expect(await page.locator(".meter-b, .lane-b, .peak-b").count()).toBe(0);
  expect(await page.locator(".meter-a .clip").textContent()).toBe("clip —");
  expect(await page.locator(".resolution").count()).toBe(0);
  await untilText(fact(page, "Streams open, all viewers"), /[1-9]/);
  await untilText(fact(page, "Clipped A / B"), /^— \/ —$/);
  expect(await fact(page, "Not finite").textContent()).toBe("—");
  const sums = await page.locator(".loss-value").allTextContents();
  expect(sums).toEqual(["—", "—"]);
  expect(await page.locator(".losses").textContent()).not.toContain("No gap");
});

it("shows no axis without a range and no waterfall without a row", async () => {
  for (const selector of [".waveform", ".spectrum"]) {
    const painted = await page.locator(`${selector} .u-wrap canvas`).evaluate((canvas: HTMLCanvasElement) => {
      const pixels = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data;
      return pixels === undefined || pixels.some((byte) => byte !== 0);
    });
    expect(painted, `grid or labels in ${selector}`).toBe(false);
  }
  await until(() => page.locator(".waterfall-canvas canvas").isVisible(), (visible) => !visible, "no black canvas");
});

it.each<Theme>(["light", "dark"])("has no accessibility violations (%s)", async (theme) => {
  await page.emulateMedia({ colorScheme: theme });
  await until(() => page.evaluate(() => document.documentElement.dataset["theme"]), (now) => now === theme, theme);
  expect(await axeViolations(page)).toEqual([]);
});

it("dims what a source left that went away, until it is back", async () => {
  const unplug = await Server.start({ source: "sim:unplug" });
  try {
    const { page: watching } = await newPage(browser);
    await enter(watching, unplug.link);
    await watching.locator("main.stale").waitFor();
    await untilText(watching.locator(".notice"), /Source reopening.*last samples that came/);
    await untilText(fact(watching, "Frames/s here / server"), /^— \//);
    await watching.locator("main:not(.stale)").waitFor();
    expect(await watching.locator(".notice").count()).toBe(0);
  } finally {
    await unplug.dispose();
  }
});
