// @vitest-environment happy-dom

import { afterEach, expect, it, vi } from "vitest";
import { api } from "../api/client";
import { tellPageView } from "./page-view";

afterEach(() => vi.restoreAllMocks());

const session = (scopes: string[]) => vi.spyOn(api, "session").mockResolvedValue({ subject: "ada", scopes, expires_at: 0 });

it.each([[["stream:read", "events:write"], 1], [["admin"], 1], [["stream:read", "events:read"], 0]])("with %j tells %i times", async (scopes, times) => {
  session(scopes);
  const capture = vi.fn(async () => "id");
  await tellPageView("/live", { capture });
  expect(capture).toHaveBeenCalledTimes(times);
});

it("names the path alone, and the tab as one session", async () => {
  session(["admin"]);
  const capture = vi.fn(async (...told: unknown[]) => String(told.length));
  await tellPageView("/live", { capture });
  await tellPageView("/events", { capture });
  const [first, second] = capture.mock.calls;
  expect([first?.slice(0, 2), second?.slice(0, 2)]).toEqual([["$pageview", { path: "/live" }], ["$pageview", { path: "/events" }]]);
  expect(first?.[2]).toEqual({ session_id: expect.stringMatching(/^[\da-f]{32}$/) });
  expect(second?.[2]).toEqual(first?.[2]);
});

it("is quiet about what fails", async () => {
  vi.spyOn(api, "session").mockRejectedValue(new Error("away"));
  await expect(tellPageView("/")).resolves.toBeUndefined();
});
