import { expect, it } from "vitest";
import type { StreamStats } from "../api/types";
import { deviceLosses, sumText } from "./loss-text";

const stats = (device: number, ring: number, reopen: number) => ({ channels: 2, samples_lost: { device, ring, reopen } }) as StreamStats;

it("marks what the device lost or missed as an estimate, and not what the ring counted", () => {
  expect(deviceLosses(stats(0, 0, 0))).toEqual({ value: "0", detail: "device 0 · ring 0 · reopen 0" });
  expect(deviceLosses(stats(0, 64, 0))).toEqual({ value: "64", detail: "device 0 · ring 64 · reopen 0" });
  expect(deviceLosses(stats(0, 64, 100))).toEqual({ value: "≈ 164", detail: "device 0 · ring 64 · reopen ≈ 100" });
  expect(deviceLosses(stats(7, 0, 0)).value).toBe("≈ 7");
  expect(deviceLosses(null).value).toBe("—");
});

it("marks a viewer's estimates and what nobody knows", () => {
  expect(sumText({ samples: 5, losses: 1, open_ended: 0, exact: true })).toBe("5");
  expect(sumText({ samples: 5, losses: 2, open_ended: 1, exact: false })).toBe("≈ 5 + unknown");
});
