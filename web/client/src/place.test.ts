import { expect, it } from "vitest";
import { isBehind } from "./place.js";

it.each([
  ["r:2", "r:1", true],
  ["r:10", "r:9", true],
  ["r:9", "r:10", false],
  ["r:2", "r:2", false],
  ["s:1", "r:9", true],
  ["r:x", "r:9", true],
  ["r:1", null, true],
])("%s comes behind %s: %s", (place, last, behind) => {
  expect(isBehind(place, last)).toBe(behind);
});
