// @vitest-environment happy-dom

import { act } from "react";
import { createRoot } from "react-dom/client";
import { expect, it, vi } from "vitest";
import type { SourceInfo } from "../api/types";
import { Store } from "../store";
import type { Facts, Live } from "../stream/live";
import { useClipLevel } from "./use-clip-level";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

it("keeps the level of the last answer, and takes it for no other epoch's", async () => {
  const facts = new Store({ head: null, state: { epoch: "e" } } as unknown as Facts);
  const live = { facts, show: vi.fn<Live["show"]>() };
  const Shown = ({ source }: { source: SourceInfo | null }) => {
    useClipLevel(live, source);
    return null;
  };
  const root = createRoot(document.body);
  const answer = async (clip_level: number | null) => {
    const source = clip_level === null ? null : ({ clip_level } as SourceInfo);
    await act(async () => root.render(<Shown source={source} />));
    return live.show.mock.calls.map(([{ clip }]) => clip);
  };
  const told = [{ epoch: "e", level: 0.9 }];
  expect(await answer(0.9)).toEqual(told);
  expect(await answer(null)).toEqual(told);
  facts.update({ head: { epoch: "f" } as Facts["head"] });
  expect(await answer(null)).toEqual(told);
  expect(await answer(0.5)).toEqual([...told, { epoch: "f", level: 0.5 }]);
  await act(async () => root.unmount());
});
