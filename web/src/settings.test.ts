import { expect, it } from "vitest";
import { DEFAULTS, parseSettings } from "./settings";

it.each([null, "", "{", "[]", "7", '"x"', "{}"])("takes the defaults from %j", (text) => {
  expect(parseSettings(text)).toEqual(DEFAULTS);
});

it("keeps what is valid and nothing else", () => {
  const text = JSON.stringify({ theme: "dark", span_ms: 33, floor_db: -80, lo_hz: 100, hold: "yes", __proto__: 1, evil: 1 });
  expect(parseSettings(text)).toEqual({ ...DEFAULTS, theme: "dark", floor_db: -80, lo_hz: 100 });
});
