import { expect, it } from "vitest";
import { clipText, clipTitle } from "./clip-text";

it("tells clips that were counted from those that were not", () => {
  expect(clipText(null)).toBe("clip —");
  expect(clipText({ clipped: null, clipped_exact: false })).toBe("clip —");
  expect(clipText({ clipped: 0, clipped_exact: true })).toBe("no clip");
  expect(clipText({ clipped: 1234, clipped_exact: true })).toBe("CLIP 1\u202f234");
  expect(clipText({ clipped: 7, clipped_exact: false })).toBe("CLIP ≥\u202f7");
});

it("has the whole number in its title", () => {
  const clips = { clipped: 1_234_567, clipped_exact: false };
  expect(clipText(clips)).toBe("CLIP ≥\u202f1.2\u202fM");
  expect(clipTitle("A", clips)).toMatch(/^Clipped samples of channel A that this page saw: ≥\u202f1\u202f234\u202f567; click/);
  expect(clipTitle("A", { clipped: 0, clipped_exact: true })).toMatch(/saw; click/);
});
