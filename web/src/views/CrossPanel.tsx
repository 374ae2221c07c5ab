// Both channels together: magnitude and phase of their cross-spectrum, and their coherence.

import { useCallback, useMemo } from "react";
import { lineChart } from "../plot/line-chart";
import { CROSS_AVERAGINGS, settings } from "../settings";
import { useStore } from "../store";
import type { Facts, Live } from "../stream/live";
import { ChartHost } from "./ChartHost";
import { Choice, Panel } from "./controls";
import { crossDraw, type CrossQuantity, crossSpec } from "./cross-plot";
import { fixed, frequency, level, withUnit } from "./format";
import { knownChannels } from "./known";
import { NoSamples } from "./NoSamples";
import { PausedMark } from "./PausedMark";

const AVERAGINGS = CROSS_AVERAGINGS.map((value) => ({ value, text: averagingText(value) }));

const CHARTS: { quantity: CrossQuantity; name: string }[] = [
  { quantity: "level_db", name: "magnitude, dBFS" },
  { quantity: "phase_deg", name: "phase of B against A, °" },
  { quantity: "coherence", name: "coherence γ²" },
];

export function CrossPanel({ live, facts }: { live: Live; facts: Facts }) {
  const { cross_averaging } = useStore(settings);
  const mono = knownChannels(facts) === 1;
  const tools = (
    <div className="tools">
      <Readings facts={facts} />
      <Choice
        label="Average"
        value={cross_averaging}
        options={AVERAGINGS}
        onChange={(next) => settings.update({ cross_averaging: next })}
      />
    </div>
  );
  return (
    <Panel title="Cross-spectrum" className="cross" tools={tools}>
      <p className="sr-only">{summary(facts, mono)}</p>
      <div className="cross-body">
        {CHARTS.map(({ quantity, name }) => (
          <CrossChart key={quantity} live={live} quantity={quantity} name={name} />
        ))}
        {mono ? (
          <p className="no-samples">A mono source has no cross-spectrum</p>
        ) : (
          <NoSamples facts={facts} stream="cross" empty={facts.cross === null} />
        )}
        <PausedMark facts={facts} />
      </div>
    </Panel>
  );
}

function CrossChart({ live, quantity, name }: { live: Live; quantity: CrossQuantity; name: string }) {
  const spec = useMemo(() => crossSpec(live, quantity), [live, quantity]);
  const make = useCallback(
    (box: HTMLElement) => lineChart(box, { spec, drawer: () => crossDraw(live, quantity) }),
    [live, quantity, spec],
  );
  return (
    <div className="cross-chart">
      <span className="strip-name" aria-hidden="true">
        {name}
      </span>
      <ChartHost live={live} className="plot" make={make} />
    </div>
  );
}

/** At the loudest bin of the band. */
function Readings({ facts: { cross } }: { facts: Facts }) {
  if (!cross) return null;
  const { peak, averages } = cross;
  return (
    <span className="cross-readings" title="At the loudest bin of the band shown; averages so far">
      {peak && (
        <>
          <b>{frequency(peak.hz)}</b> {level(peak.level_db)} dBFS · {withUnit(peak.phase_deg, 1, "°")} · γ² {fixed(peak.coherence, 4)} ·{" "}
        </>
      )}
      n {fixed(averages, averages % 1 === 0 ? 0 : 1)}
    </span>
  );
}

function averagingText(value: string): string {
  const [kind, size] = value.split(":");
  return kind === "exp" ? `over ${size} s` : `${size} spectra`;
}

function summary({ cross }: Facts, mono: boolean): string {
  if (mono) return "A mono source has no cross-spectrum.";
  if (!cross?.peak) return "No cross-spectrum yet.";
  const { hz, phase_deg, coherence } = cross.peak;
  return `At ${frequency(hz)} channel B stands ${withUnit(phase_deg, 0, "degrees")} against A, with a coherence of ${fixed(coherence, 3)}.`;
}
