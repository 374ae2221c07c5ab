import { expect, it } from "vitest";
import { clipText } from "./clip-text";

it("tells clips that were counted from those that were not", () => {
  expect(clipText(null)).toBe("clip —");
  expect(clipText({ clipped: null, clipped_exact: false })).toBe("clip —");
  expect(clipText({ clipped: 0, clipped_exact: true })).toBe("no clip");
  expect(clipText({ clipped: 1234, clipped_exact: true })).toBe("CLIP 1\u202f234");
  expect(clipText({ clipped: 7, clipped_exact: false })).toBe("CLIP ≥\u00a07");
});
