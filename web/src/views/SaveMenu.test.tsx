// @vitest-environment happy-dom

import { act } from "react";
import { createRoot } from "react-dom/client";
import { expect, it, vi } from "vitest";
import type { Live } from "../stream/live";
import { SaveMenu } from "./SaveMenu";

vi.mock("../save/picture", () => ({
  drawPicture: () => {
    throw new Error("this browser draws no picture");
  },
}));
Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

it("says why there is no picture", async () => {
  const place = { epoch: "e", first_sample: 0, captured_us: 0, sample_rate: 48_000 };
  const live = { wave: { place }, spectrum: null, loop: { drawNow: () => {} } } as unknown as Live;
  const root = createRoot(document.body);
  await act(async () =>
    root.render(
      <div className="charts">
        <SaveMenu live={live} source_name="sim" />
      </div>,
    ),
  );
  const button = [...document.querySelectorAll("button")].find(({ textContent }) => textContent === "Picture (PNG)");
  await act(async () => button?.click());
  expect(document.querySelector("output")?.textContent).toBe("No picture: this browser draws no picture");
  await act(async () => root.unmount());
});
