// The traces that stay: largest and smallest levels, and a spectrum that was kept. The buttons are the legend.

import { settings } from "../settings";
import { useStore } from "../store";
import type { Facts, Live } from "../stream/live";
import { Toggle } from "./controls";
import { isKept } from "./known";

export function HoldTools({ live, facts }: { live: Live; facts: Facts }) {
  const { hold, hold_min } = useStore(settings);
  return (
    <>
      <Toggle
        pressed={hold}
        label="Max hold"
        title="Hold the largest level of each bin (H); Clear begins anew"
        onChange={(next) => settings.update({ hold: next })}
      >
        <Swatch kind="hold" />
        Max
      </Toggle>
      <Toggle
        pressed={hold_min}
        label="Min hold"
        title="Hold the smallest level of each bin (N); Clear begins anew"
        onChange={(next) => settings.update({ hold_min: next })}
      >
        <Swatch kind="min" />
        Min
      </Toggle>
      <Toggle
        pressed={isKept(facts)}
        label="Keep this trace"
        title="Keep the spectrum as it is now, to compare with (K)"
        onChange={(next) => live.keep(next)}
      >
        <Swatch kind="kept" />
        Keep
      </Toggle>
    </>
  );
}

/** The colours of both channels. */
function Swatch({ kind }: { kind: "hold" | "min" | "kept" }) {
  return (
    <span className={`swatch swatch-${kind}`} aria-hidden="true">
      <i />
      <i />
    </span>
  );
}
