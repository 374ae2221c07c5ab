import { expect, it } from "vitest";
import { COLOR_MAPS, COLORS, colorTable } from "./colormap";

/** matplotlib.colormaps[name](n) of matplotlib 3.11.2 at n = 0, 51, 102, 153, 204, 255. */
const ANCHORS = {
  inferno: [
    [0.001462, 0.000466, 0.013866],
    [0.258234, 0.038571, 0.406485],
    [0.578304, 0.148039, 0.404411],
    [0.865006, 0.316822, 0.226055],
    [0.987622, 0.64532, 0.039886],
    [0.988362, 0.998364, 0.644924],
  ],
  magma: [
    [0.001462, 0.000466, 0.013866],
    [0.232077, 0.059889, 0.437695],
    [0.550287, 0.161158, 0.505719],
    [0.868793, 0.287728, 0.409303],
    [0.994738, 0.62435, 0.427397],
    [0.987053, 0.991438, 0.749504],
  ],
  viridis: [
    [0.267004, 0.004874, 0.329415],
    [0.253935, 0.265254, 0.529983],
    [0.163625, 0.471133, 0.558148],
    [0.134692, 0.658636, 0.517649],
    [0.477504, 0.821444, 0.318195],
    [0.993248, 0.906157, 0.143936],
  ],
  cividis: [
    [0, 0.135112, 0.304751],
    [0.208926, 0.272546, 0.424809],
    [0.401418, 0.41179, 0.440708],
    [0.582087, 0.55867, 0.468118],
    [0.785965, 0.720438, 0.399613],
    [0.995737, 0.909344, 0.217772],
  ],
  grey: [0, 0.2, 0.4, 0.6, 0.8, 1].map((part) => [part, part, part]),
};

/** Lightness L* of CIE 1976 from sRGB bytes. */
function lightness([r, g, b]: Uint8Array): number {
  const linear = (byte = 0) => (byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4);
  const y = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  return y > (6 / 29) ** 3 ? 116 * Math.cbrt(y) - 16 : (y * 29 ** 3) / 27;
}

it.each([...COLOR_MAPS])("%s has matplotlib's colours", (map) => {
  const table = colorTable(map);
  ANCHORS[map].forEach((parts, n) => {
    expect([...table.subarray(n * 51 * 4, n * 51 * 4 + 4)]).toEqual([...parts.map((part) => Math.round(part * 255)), 255]);
  });
});

it.each([...COLOR_MAPS])("%s rises in lightness without a step back", (map) => {
  const table = colorTable(map);
  const levels = Array.from({ length: COLORS }, (_, n) => lightness(table.slice(n * 4, n * 4 + 3)));
  for (let n = 1; n < COLORS; n++) expect(levels[n]).toBeGreaterThan((levels[n - 1] as number) - 0.3);
  expect((levels[COLORS - 1] as number) - (levels[0] as number)).toBeGreaterThan(70);
});
