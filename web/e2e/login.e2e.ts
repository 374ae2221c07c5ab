import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { axeViolations, enter, launch, newPage, untilText } from "./browser";
import { addUser, freshLink, makeToken, newDataDir, Server } from "./server";

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

it("enters by the one-time link, once, and leaves no code behind", async () => {
  const { page, problems } = await newPage(browser);
  await enter(page, server.link);
  expect(page.url()).toBe(`${server.url}/`);
  expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(2);
  await page.goBack().catch(() => null);
  expect(page.url()).not.toContain("code");
  expect(problems).toEqual([]);

  const { page: second } = await newPage(browser);
  await second.goto(server.link);
  await untilText(second.getByRole("alert"), /login-url/);
  expect(second.url()).not.toContain("code");
});

it("asks for a password, says when it is wrong, and goes where one wanted to go", async () => {
  const { page, problems } = await newPage(browser);
  await page.goto(`${server.url}/?perf`);
  expect(new URL(page.url()).pathname).toBe("/login");
  await page.getByLabel("User name").fill("ada");
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Password").fill("correct horse battery");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${server.url}/?perf`);
  await untilText(page.locator(".badges"), /live/);

  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("User name").waitFor();
  await page.goto(`${server.url}/`);
  expect(new URL(page.url()).pathname).toBe("/login");
  expect(problems).toEqual([]);
});

it("takes a token, and comes back to login when it expires", async () => {
  const { page } = await newPage(browser);
  await page.goto(`${server.url}/login`);
  await page.getByText("Use a token").click();
  await page.getByLabel("Token (JWT)").fill(makeToken(server.data_dir, "stream:read", "8s"));
  await page.getByRole("button", { name: "Sign in with token" }).click();
  await untilText(page.locator(".badges"), /live/);
  await page.waitForURL((url) => url.pathname === "/login");
  expect(new URL(page.url()).searchParams.get("next")).toBe("/");
});

it("goes on when one signs in again in another tab before the session ends", async () => {
  const { page } = await newPage(browser);
  const signIn = async (tab: Page, token: string) => {
    await tab.goto(`${server.url}/login`);
    await tab.getByText("Use a token").click();
    await tab.getByLabel("Token (JWT)").fill(token);
    await tab.getByRole("button", { name: "Sign in with token" }).click();
    await untilText(tab.locator(".badges"), /live/);
  };
  const other = await page.context().newPage();
  const lasting = makeToken(server.data_dir, "stream:read", "1h");
  // The other tab has to be in before this one ends, also on a busy machine.
  await signIn(page, makeToken(server.data_dir, "stream:read", "30s"));
  await signIn(other, lasting);
  await other.close();
  await untilText(page.locator(".losses"), /connection lost/);
  await untilText(page.locator(".badges"), /live/);
  expect(new URL(page.url()).pathname).toBe("/");
});

it("tells who may not see the live view what is missing and who can give it", async () => {
  const { page, problems } = await newPage(browser);
  await page.goto(`${server.url}/login`);
  await page.getByText("Use a token").click();
  await page.getByLabel("Token (JWT)").fill(makeToken(server.data_dir, "events:read", "1h"));
  await page.getByRole("button", { name: "Sign in with token" }).click();
  await untilText(page.getByRole("alert"), /e2e.*needs the scope stream:read/);
  await untilText(page.locator("main"), /user add e2e --scope "events:read stream:read" --replace/);
  expect(new URL(page.url()).pathname).toBe("/");
  expect(await axeViolations(page)).toEqual([]);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("User name").waitFor();
  await page.goto(`${server.url}/`);
  expect(new URL(page.url()).pathname).toBe("/login");
  expect(problems).toEqual([]);
});

it("says that signing out failed, and then does it", async () => {
  const { page } = await newPage(browser);
  await enter(page, freshLink(server.data_dir));
  await page.route("**/api/auth/logout", (route) => route.abort());
  await page.getByRole("button", { name: "Sign out" }).click();
  await untilText(page.getByRole("alert"), /Not signed out: The server does not answer/);
  await untilText(page.locator(".badges"), /live/);
  await page.unroute("**/api/auth/logout");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("User name").waitFor();
});

it("does not send anybody elsewhere after login", async () => {
  const { page } = await newPage(browser);
  await page.goto(`${server.url}/login?next=//evil.example/`);
  await page.getByLabel("User name").fill("ada");
  await page.getByLabel("Password").fill("correct horse battery");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${server.url}/`);
});

it.each(["light", "dark"] as const)("has a login page without accessibility violations (%s)", async (theme) => {
  const { page } = await newPage(browser, theme);
  await page.goto(`${server.url}/login`);
  await page.getByText("Use a token").click();
  await page.getByLabel("Token (JWT)").waitFor();
  expect(await axeViolations(page)).toEqual([]);
});
