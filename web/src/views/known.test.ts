import { expect, it } from "vitest";
import type { Facts } from "../stream/live";
import { drawnChannels, inRealTime } from "./known";

it("takes frames for as long as their samples only at the pace of a device or of real time", () => {
  expect(inRealTime({ mode: "device" })).toBe(true);
  expect(inRealTime({ mode: "clock", factor: 1 })).toBe(true);
  expect(inRealTime({ mode: "clock", factor: 4 })).toBe(false);
  expect(inRealTime({ mode: "fast" })).toBe(false);
  expect(inRealTime(undefined)).toBe(false);
});

it("takes the channels of a paused waveform from the waveform", () => {
  const now = { head: { channels: 1 } as Facts["head"], state: null };
  expect(drawnChannels({ ...now, wave: { stereo: true, triggered: false } })).toBe(2);
  expect(drawnChannels({ ...now, wave: { stereo: false, triggered: false } })).toBe(1);
  expect(drawnChannels({ ...now, wave: null })).toBe(1);
  expect(drawnChannels({ head: null, state: null, wave: null })).toBeNull();
});
