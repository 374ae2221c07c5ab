// The feeds that the page shows, by the settings: those of the charts, and those of the panels that are open.

import type { Settings } from "../settings";
import { spectralFeed } from "./analysis";
import { type Feed, FRAMES } from "./feeds";
import type { Feeds } from "./messages";

export const PANELS = ["lockin", "cross"] as const;
export type PanelName = (typeof PANELS)[number];

export function pageFeeds(chosen: Settings): Feeds {
  return {
    audio: FRAMES,
    spectral: spectralFeed(chosen),
    ...(chosen.lockin && { lockin: lockinFeed(chosen) }),
    ...(chosen.cross && { cross: crossFeed(chosen) }),
  };
}

function lockinFeed(chosen: Settings): Feed {
  const reference = chosen.lockin_reference === "hz" ? String(chosen.lockin_hz) : chosen.lockin_reference;
  const { lockin_harmonic: harmonic, lockin_tau_s: tau_s, lockin_slope: slope } = chosen;
  return { kind: "lockin", query: `reference=${reference}&harmonic=${harmonic}&tau_s=${tau_s}&slope=${slope}` };
}

/** Ten a second are more than an average changes. */
function crossFeed({ cross_averaging }: Settings): Feed {
  return { kind: "spectral", query: `cross=true&averaging=${cross_averaging}&overlap=0.5&fps=10` };
}
