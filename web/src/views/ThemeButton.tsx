// Switches the colours.

import { settings, THEMES } from "../settings";
import { useStore } from "../store";

/** `shortcut`: whether a key does the same in this view. */
export function ThemeButton({ shortcut = false }: { shortcut?: boolean }) {
  const { theme } = useStore(settings);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "auto";
  const title = `Colours: ${theme}; switch to ${next}${shortcut ? " (D)" : ""}`;
  return (
    <button type="button" className="button" title={title} onClick={() => settings.update({ theme: next })}>
      Theme: {theme}
    </button>
  );
}
