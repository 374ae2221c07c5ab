import { expect, it } from "vitest";
import { COLORS, infernoTable } from "./colormap";

it("rises in lightness from black to pale yellow without a step back", () => {
  const table = infernoTable();
  const luma = Array.from({ length: COLORS }, (_, n) => {
    const [r, g, b] = table.slice(n * 4, n * 4 + 3);
    return 0.2126 * (r as number) + 0.7152 * (g as number) + 0.0722 * (b as number);
  });
  expect(luma[0]).toBeLessThan(5);
  expect(luma[COLORS - 1]).toBeGreaterThan(230);
  for (let n = 1; n < COLORS; n++) expect(luma[n]).toBeGreaterThan((luma[n - 1] as number) - 1);
});
