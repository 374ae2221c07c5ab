import { expect, it } from "vitest";
import { inRealTime } from "./known";

it("takes frames for as long as their samples only at the pace of a device or of real time", () => {
  expect(inRealTime({ mode: "device" })).toBe(true);
  expect(inRealTime({ mode: "clock", factor: 1 })).toBe(true);
  expect(inRealTime({ mode: "clock", factor: 4 })).toBe(false);
  expect(inRealTime({ mode: "fast" })).toBe(false);
  expect(inRealTime(undefined)).toBe(false);
});
