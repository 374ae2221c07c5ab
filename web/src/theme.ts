// Light and dark: puts the chosen theme on the document and hands its colours to code that draws on canvas.

import { settings } from "./settings";

export interface Palette {
  a: string;
  b: string;
  hold_a: string;
  hold_b: string;
  min_a: string;
  min_b: string;
  kept_a: string;
  kept_b: string;
  past: string;
  text: string;
  muted: string;
  grid: string;
  hole: string;
  unfilled: string;
}

const VARIABLES: Record<keyof Palette, string> = {
  a: "--a",
  b: "--b",
  hold_a: "--hold-a",
  hold_b: "--hold-b",
  min_a: "--min-a",
  min_b: "--min-b",
  kept_a: "--kept-a",
  kept_b: "--kept-b",
  past: "--past",
  text: "--text",
  muted: "--muted",
  grid: "--grid",
  hole: "--hole",
  unfilled: "--unfilled",
};

/** Read anew at each change of theme; never while drawing, as that would force a style recalculation. */
export let palette: Palette = readPalette();

const listeners = new Set<() => void>();
const darkSystem = matchMedia("(prefers-color-scheme: dark)");

/** Keeps the document in the chosen theme. Called once, before anything is drawn. */
export function startTheme(): void {
  apply();
  settings.subscribe(apply);
  darkSystem.addEventListener("change", apply);
}

export function onTheme(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function apply(): void {
  const { theme } = settings.get();
  const shown = theme === "auto" ? (darkSystem.matches ? "dark" : "light") : theme;
  if (document.documentElement.dataset["theme"] === shown) return;
  document.documentElement.dataset["theme"] = shown;
  palette = readPalette();
  for (const listener of listeners) listener();
}

function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const entries = Object.entries(VARIABLES).map(([name, variable]) => [name, style.getPropertyValue(variable).trim()]);
  return Object.fromEntries(entries) as Palette;
}
