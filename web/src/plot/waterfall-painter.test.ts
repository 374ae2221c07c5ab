import { expect, it } from "vitest";
import { rgb } from "./waterfall-painter";

it.each([
  ["#ffffff", [1, 1, 1]],
  ["#fff", [1, 1, 1]],
  ["#f00", [1, 0, 0]],
  ["#003300", [0, 0.2, 0]],
])("reads %s", (color, parts) => {
  expect(rgb(color)).toEqual(parts);
});
