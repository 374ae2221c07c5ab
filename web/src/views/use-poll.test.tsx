// @vitest-environment happy-dom

import { act } from "react";
import { createRoot } from "react-dom/client";
import { expect, it, vi } from "vitest";
import { api, ApiError } from "../api/client";
import * as leave from "../auth/leave";
import { usePoll } from "./use-poll";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

const denied = () => Promise.reject(new ApiError("token_missing", "because", 401));

it.each([
  ["holds", () => Promise.resolve({ subject: "ada", scopes: [], expires_at: 0 }), 0],
  ["is over", denied, 1],
])("when it is denied an answer and the session %s, goes to the login page as often as is right", async (_how, session, times) => {
  const leaveFor = vi.spyOn(leave, "leaveFor").mockReset();
  vi.spyOn(api, "session").mockImplementation(session);
  const Shown = () => usePoll(denied, 1e6, 0) ?? "nothing";
  const root = createRoot(document.body);
  await act(async () => root.render(<Shown />));
  expect(document.body.textContent).toBe("nothing");
  expect(leaveFor).toHaveBeenCalledTimes(times);
  await act(async () => root.unmount());
});

it("keeps the answer to the newest question when an older one fails late", async () => {
  const asked: { answer: (text: string) => void; fail: (error: Error) => void }[] = [];
  const ask = () => new Promise<string>((answer, fail) => void asked.push({ answer, fail }));
  const Shown = ({ of }: { of: string }) => usePoll(ask, 1e6, of);
  const root = createRoot(document.body);
  await act(async () => root.render(<Shown of="one" />));
  await act(async () => root.render(<Shown of="two" />));
  await act(async () => asked[1]?.answer("second"));
  await act(async () => asked[0]?.fail(new DOMException("aborted", "AbortError")));
  expect(document.body.textContent).toBe("second");
  await act(async () => root.unmount());
});
