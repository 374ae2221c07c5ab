// Single keys that act on the live view.

import { useEffect } from "react";
import { type Settings, settings, SPANS_MS, THEMES } from "../settings";
import type { Live } from "../stream/live";
import { isKept } from "./known";

export interface Shortcut {
  key: string;
  /** How the key is called in the help. */
  name: string;
  meaning: string;
  act: (live: Live) => void;
  /** Whether it acts again while the key is held down. */
  repeats?: true;
}

/** What `Live.clear` clears, for people. */
export const CLEARED = "clip marks, held levels, and the gaps with their sum";

const change = (next: (now: Settings) => Partial<Settings>) => () => settings.update(next(settings.get()));

/** The span before or after the present one. */
const span = (step: 1 | -1) =>
  change(({ span_ms }) => {
    const index = SPANS_MS.findIndex((each) => each === span_ms) + step;
    return { span_ms: SPANS_MS[Math.min(Math.max(index, 0), SPANS_MS.length - 1)] ?? span_ms };
  });

export const SHORTCUTS: readonly Shortcut[] = [
  { key: " ", name: "Space", meaning: "pause, resume", act: (live) => live.pause(!live.facts.get().paused) },
  { key: "c", name: "C", meaning: `clear ${CLEARED}`, act: (live) => live.clear() },
  { key: "[", name: "[", meaning: "shorter time span", act: span(-1), repeats: true },
  { key: "]", name: "]", meaning: "longer time span", act: span(1), repeats: true },
  { key: "t", name: "T", meaning: "trigger", act: change(({ trigger }) => ({ trigger: !trigger })) },
  { key: "g", name: "G", meaning: "auto gain", act: change(({ auto_gain }) => ({ auto_gain: !auto_gain })) },
  { key: "l", name: "L", meaning: "frequency axis", act: change(({ scale }) => ({ scale: scale === "log" ? "linear" : "log" })) },
  { key: "h", name: "H", meaning: "maximum hold", act: change(({ hold }) => ({ hold: !hold })) },
  { key: "n", name: "N", meaning: "minimum hold", act: change(({ hold_min }) => ({ hold_min: !hold_min })) },
  { key: "k", name: "K", meaning: "keep the spectrum to compare with, or keep none", act: (live) => live.keep(!isKept(live.facts.get())) },
  {
    key: "w",
    name: "W",
    meaning: "waterfall's channel",
    act: change(({ waterfall_channel }) => ({ waterfall_channel: waterfall_channel === "a" ? "b" : "a" })),
  },
  { key: "i", name: "I", meaning: "lock-in", act: change(({ lockin }) => ({ lockin: !lockin })) },
  { key: "x", name: "X", meaning: "cross-spectrum", act: change(({ cross }) => ({ cross: !cross })) },
  {
    key: "d",
    name: "D",
    meaning: "colours: auto, light, dark",
    act: change(({ theme }) => ({ theme: THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "auto" })),
  },
];

/** Listens for the shortcuts and for `?`; leaves alone what belongs to a control that has the focus. */
export function useShortcuts(live: Live, onHelp: () => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (!settings.get().shortcuts || event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return;
      const shortcut = SHORTCUTS.find(({ key }) => key === event.key.toLowerCase());
      if (shortcut === undefined && event.key !== "?") return;
      event.preventDefault();
      if (event.repeat && !shortcut?.repeats) return;
      if (shortcut) shortcut.act(live);
      else onHelp();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, [live, onHelp]);
}

function isTaken({ key, target }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest("input, select, textarea, dialog")) return true;
  return key === " " && target.closest("button, summary, a") !== null;
}
