// @vitest-environment happy-dom

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { leaveFor } from "./leave";

beforeEach(() => {
  vi.useFakeTimers();
  for (const how of ["assign", "replace"] as const) vi.spyOn(location, how).mockImplementation(() => {});
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

it("stops no navigation that is under way, and begins anew when that leads nowhere", () => {
  leaveFor("/login", "assign");
  vi.advanceTimersByTime(9_000);
  leaveFor("/login?next=%2F", "assign");
  leaveFor("/", "replace");
  expect(vi.mocked(location.assign).mock.calls).toEqual([["/login"]]);
  expect(location.replace).not.toHaveBeenCalled();
  vi.advanceTimersByTime(2_000);
  leaveFor("/", "replace");
  expect(vi.mocked(location.replace).mock.calls).toEqual([["/"]]);
});
