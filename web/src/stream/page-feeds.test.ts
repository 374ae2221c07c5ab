import { expect, it } from "vitest";
import { DEFAULTS } from "../settings";
import { pageFeeds } from "./page-feeds";

it("has the feeds of the charts, and of panels only while they are open", () => {
  expect(Object.keys(pageFeeds(DEFAULTS))).toEqual(["audio", "spectral"]);
  const open = pageFeeds({ ...DEFAULTS, lockin: true, cross: true, lockin_tau_s: 0.3, cross_averaging: "linear:64" });
  expect(open.lockin).toEqual({ kind: "lockin", query: "reference=tracked&harmonic=1&tau_s=0.3&slope=24" });
  expect(open.cross).toEqual({ kind: "spectral", query: "cross=true&averaging=linear:64&overlap=0.5&fps=10" });
});

it("names the frequency of a reference, and keeps it while another is chosen", () => {
  const chosen = { ...DEFAULTS, lockin: true, lockin_hz: 1234.5 };
  expect(pageFeeds({ ...chosen, lockin_reference: "hz" }).lockin?.query).toMatch(/^reference=1234.5&/);
  expect(pageFeeds({ ...chosen, lockin_reference: "channel_b" }).lockin?.query).toMatch(/^reference=channel_b&/);
});
