// @vitest-environment happy-dom

import { act } from "react";
import { createRoot } from "react-dom/client";
import { expect, it } from "vitest";
import { usePoll } from "./use-poll";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

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
