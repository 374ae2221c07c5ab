// @vitest-environment happy-dom

import type { Phase } from "@photophone/client/parts";
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { api, ApiError } from "../api/client";
import { Store } from "../store";
import type { Facts } from "../stream/live";
import { useRefused } from "./use-refused";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

const SESSION = { subject: "ada", scopes: [], expires_at: 0 };
let root: Root;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(location, "assign").mockImplementation(() => {});
  root = createRoot(document.body);
});

afterEach(async () => {
  await act(async () => root.unmount());
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** A page whose connection was denied with this code. */
async function denied(code: string) {
  const phase: Phase = { phase: "denied", code, reason: "because" };
  const facts = new Store({ phase } as unknown as Facts);
  const live = { facts, retryNow: vi.fn<() => void>() };
  const revive = () => act(async () => facts.update({ phase: { phase: "live" } }));
  const Shown = () => useRefused(live)?.subject ?? "nobody";
  await act(async () => root.render(<Shown />));
  await act(async () => void (await vi.advanceTimersByTimeAsync(5000)));
  return { tries: live.retryNow.mock.calls.length, text: document.body.textContent, revive };
}

it("tries again when the session holds, as after a login in another tab", async () => {
  vi.spyOn(api, "session").mockResolvedValue(SESSION);
  expect(await denied("token_missing")).toMatchObject({ tries: 1, text: "nobody" });
  expect(location.assign).not.toHaveBeenCalled();
});

it("tells who lacks the permission, and tries no more", async () => {
  vi.spyOn(api, "session").mockResolvedValue(SESSION);
  const { tries, text, revive } = await denied("scope_missing");
  expect({ tries, text }).toEqual({ tries: 0, text: "ada" });
  // Somebody signed in by another tab, who may see them.
  await revive();
  expect(document.body.textContent).toBe("nobody");
});

it.each([
  [401, 1],
  [0, 0],
])("when asking for the session fails with %d, goes %d times to the login page", async (status, times) => {
  vi.spyOn(api, "session").mockRejectedValue(new ApiError("c", "because", status));
  expect(await denied("token_expired")).toMatchObject({ tries: 0, text: "nobody" });
  expect(location.assign).toHaveBeenCalledTimes(times);
});

it("asks again when there was no answer, and then goes on", async () => {
  const session = vi.spyOn(api, "session").mockRejectedValue(new ApiError("unreachable", "because", 0));
  expect(await denied("scope_missing")).toMatchObject({ text: "nobody" });
  session.mockRejectedValueOnce(new ApiError("c", "because", 503)).mockResolvedValue(SESSION);
  await act(async () => void (await vi.advanceTimersByTimeAsync(15_000)));
  expect(document.body.textContent).toBe("ada");
});

it("asks no more once the session is over", async () => {
  const session = vi.spyOn(api, "session").mockRejectedValue(new ApiError("c", "because", 401));
  await denied("token_missing");
  await act(async () => void (await vi.advanceTimersByTimeAsync(60_000)));
  expect(session).toHaveBeenCalledTimes(1);
});

it.each([
  ["an answer", () => Promise.resolve(SESSION)],
  ["a refusal", () => Promise.reject(new ApiError("c", "because", 401))],
  ["a failure", () => Promise.reject(new ApiError("unreachable", "because", 0))],
])("does nothing for %s that comes when the stream is live again", async (_what, answer) => {
  let resolve = () => {};
  const late = new Promise<void>((done) => (resolve = done));
  const session = vi.spyOn(api, "session").mockImplementation(() => late.then(answer));
  const { revive } = await denied("scope_missing");
  await revive();
  await act(async () => resolve());
  await act(async () => void (await vi.advanceTimersByTimeAsync(60_000)));
  expect([document.body.textContent, session.mock.calls.length]).toEqual(["nobody", 1]);
  expect(location.assign).not.toHaveBeenCalled();
});
