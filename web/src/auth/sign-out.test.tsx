// @vitest-environment happy-dom

import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { api, ApiError } from "../api/client";
import { onSessionNews } from "./session-news";
import { SignOutButton } from "./SignOutButton";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

let root: Root;
let stop: () => void;
const news = vi.fn<(news: string) => void>();

beforeEach(async () => {
  news.mockClear();
  stop = onSessionNews(news);
  vi.spyOn(location, "assign").mockImplementation(() => {});
  root = createRoot(document.body);
  await act(async () => root.render(<SignOutButton className="button" />));
});

afterEach(async () => {
  stop();
  await act(async () => root.unmount());
  vi.restoreAllMocks();
});

const click = () => act(async () => document.querySelector("button")?.click());

it("tells all tabs and goes to the login page", async () => {
  vi.spyOn(api, "logout").mockResolvedValue();
  await click();
  expect(location.assign).toHaveBeenCalledWith("/login");
  await vi.waitFor(() => expect(news.mock.calls).toEqual([["ended"]]));
});

it("says that it failed, and stays", async () => {
  vi.spyOn(api, "logout").mockRejectedValue(new ApiError("unreachable", "The server does not answer", 0));
  await click();
  expect(document.querySelector("[role=alert]")?.textContent).toBe("Not signed out: The server does not answer");
  expect(document.querySelector("button")?.getAttribute("aria-disabled")).toBe("false");
  expect(location.assign).not.toHaveBeenCalled();
  vi.spyOn(api, "logout").mockResolvedValue();
  await click();
  expect(document.querySelector("[role=alert]")).toBeNull();
});

it("keeps the focus while it waits, and does not ask twice", async () => {
  const logout = vi.spyOn(api, "logout").mockReturnValue(new Promise(() => {}));
  const button = document.querySelector("button");
  button?.focus();
  await click();
  await click();
  expect([button?.getAttribute("aria-disabled"), button?.disabled]).toEqual(["true", false]);
  expect(document.activeElement).toBe(button);
  expect(logout).toHaveBeenCalledTimes(1);
});
