import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { enter, launch, newPage, until, untilText } from "./browser";
import { addUser, newDataDir, Server } from "./server";

let browser: Browser;
let server: Server;

beforeAll(async () => {
  const data_dir = newDataDir();
  addUser(data_dir, "ada", "correct horse battery");
  [browser, server] = await Promise.all([launch(), Server.start({ data_dir })]);
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

it("keeps the view in the address, which another person can open", async () => {
  const { page, problems } = await newPage(browser);
  await enter(page, server.link);
  await page.getByLabel("Span").selectOption("50 ms");
  await page.getByLabel("Axis").selectOption("linear");
  await page.getByLabel("Highest frequency").fill("9000");
  await page.getByLabel("Highest frequency").press("Enter");
  await until(async () => new URL(page.url()).search, (query) => query === "?span_ms=50&scale=linear&hi_hz=9000", "the view");
  const { page: other, problems: others } = await newPage(browser);
  await other.goto(`${page.url()}&floor_db=-81&colour=blue`);
  await other.getByLabel("User name").fill("ada");
  await other.getByLabel("Password").fill("correct horse battery");
  await other.keyboard.press("Enter");
  await untilText(other.locator(".badges"), /live/);
  expect(await other.getByLabel("Span").inputValue()).toBe("50");
  expect(await other.getByLabel("Axis").inputValue()).toBe("linear");
  expect(await other.getByLabel("Highest frequency").inputValue()).toBe("9000");
  await untilText(other.locator(".notice"), /“floor_db” cannot be “-81”; “colour” is no setting/);
  await other.getByRole("button", { name: "Close" }).click();
  expect(await other.locator(".notice").count()).toBe(0);
  expect([...problems, ...others]).toEqual([]);
});

it("copies the link by the keyboard", async () => {
  const { page } = await newPage(browser);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(`${server.url}/?span_ms=200`);
  await page.getByLabel("User name").fill("ada");
  await page.getByLabel("Password").fill("correct horse battery");
  await page.keyboard.press("Enter");
  await untilText(page.locator(".badges"), /live/);
  await page.locator("summary", { hasText: "Save" }).press("Enter");
  await page.getByRole("button", { name: "Copy link" }).press("Escape");
  expect(await page.getByRole("button", { name: "Copy link" }).isVisible()).toBe(false);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Copy link" }).press("Enter");
  await page.getByText("Link copied").waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${server.url}/?span_ms=200`);
});
