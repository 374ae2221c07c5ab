// @vitest-environment happy-dom

import { act } from "react";
import { createRoot } from "react-dom/client";
import { expect, it, vi } from "vitest";
import { DEFAULTS, settings, SPANS_MS } from "../settings";
import type { Live } from "../stream/live";
import { useShortcuts } from "./shortcuts";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

it("switches once however long a key is held down, and goes on over the spans", async () => {
  const live = { pause: vi.fn(), facts: { get: () => ({ paused: false }) } };
  const Page = () => (useShortcuts(live as unknown as Live, () => {}), null);
  const root = createRoot(document.body);
  await act(async () => root.render(<Page />));
  settings.set({ ...DEFAULTS, span_ms: SPANS_MS[0] as never });
  const press = (key: string, repeat: boolean) => {
    const event = new KeyboardEvent("keydown", { key, repeat, cancelable: true });
    dispatchEvent(event);
    return event.defaultPrevented;
  };
  for (const key of ["t", " ", "]"]) expect([false, true, true].map((repeat) => press(key, repeat))).toEqual([true, true, true]);
  expect(settings.get()).toMatchObject({ trigger: !DEFAULTS.trigger, span_ms: SPANS_MS[3] });
  expect(live.pause).toHaveBeenCalledTimes(1);
  await act(async () => root.unmount());
});
