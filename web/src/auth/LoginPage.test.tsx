// @vitest-environment happy-dom

import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { api, ApiError } from "../api/client";
import * as leave from "./leave";
import { LoginPage } from "./LoginPage";
import { tellSession } from "./session-news";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

let root: Root;
const leaveFor = vi.spyOn(leave, "leaveFor");

beforeEach(() => {
  leaveFor.mockReset();
  vi.spyOn(api, "authMethods").mockResolvedValue({ password: true, link: false, token: false });
  root = createRoot(document.body);
});

afterEach(async () => {
  await act(async () => root.unmount());
  history.replaceState(null, "", "/");
});

async function show(path: string, session: "held" | "none") {
  history.replaceState(null, "", path);
  const asked = vi.spyOn(api, "session");
  if (session === "held") asked.mockResolvedValue({ subject: "ada", scopes: [], expires_at: 0 });
  else asked.mockRejectedValue(new ApiError("token_missing", "because", 401));
  await act(async () => root.render(<LoginPage code={null} />));
}

it("leads back who was sent here though there is a session by now, as after a login in another tab", async () => {
  await show("/login?next=%2F%3Fperf", "held");
  expect(leaveFor.mock.calls).toEqual([["/?perf", "replace"]]);
});

it("tells who comes by themselves that they are signed in", async () => {
  await show("/login", "held");
  expect(document.body.textContent).toContain("Signed in as ada");
  expect(leaveFor).not.toHaveBeenCalled();
});

it("stays without a session, until one begins in another tab", async () => {
  await show("/login?next=%2F", "none");
  expect(leaveFor).not.toHaveBeenCalled();
  tellSession("begun");
  await vi.waitFor(() => expect(leaveFor.mock.calls).toEqual([["/", "replace"]]));
});
