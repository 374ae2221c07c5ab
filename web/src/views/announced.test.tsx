// @vitest-environment happy-dom

import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Facts, Live } from "../stream/live";
import { ChartMarks } from "./ChartMarks";
import { CursorBox } from "./CursorBox";
import { LinkNotice } from "./LinkNotice";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
let root: Root;

beforeEach(() => {
  vi.useFakeTimers();
  root = createRoot(document.body);
});

afterEach(async () => {
  await act(async () => root.unmount());
  vi.useRealTimers();
});

const show = (what: React.ReactNode) => act(async () => root.render(what));

it("tells of a fault in a region that was there before, beside the slider, of which only the name is told", async () => {
  const live = { loop: { add: () => () => {} } } as unknown as Live;
  const cursor = { key: () => true, text: () => "", share: () => 0, write: () => {} };
  const chart = (fault: string | null) => {
    const facts = { head: null, state: null, faults: { audio: fault }, paused: true } as unknown as Facts;
    const marks = <ChartMarks facts={facts} stream="audio" empty={false} />;
    return (
      <CursorBox {...{ live, cursor, marks }} className="lanes" label="Waveform" describedBy="">
        <i />
      </CursorBox>
    );
  };
  await show(chart(null));
  const region = document.querySelector("output");
  await show(chart("no unit"));
  expect(region?.textContent).toContain("Nothing comes for this chart: no unit");
  expect(document.body.textContent).toContain("paused");
  expect(document.querySelector("[role=slider]")?.innerHTML).toBe("<i></i>");
});

it("tells what of the link was not followed after the region is there", async () => {
  await show(<LinkNotice problems={["“x” is no setting"]} />);
  const region = document.querySelector("output");
  expect(region?.textContent).toBe("");
  await act(async () => void vi.advanceTimersByTime(1000));
  expect(region?.textContent).toContain("“x” is no setting");
  await act(async () => document.querySelector("button")?.click());
  expect(region?.textContent).toBe("");
});
