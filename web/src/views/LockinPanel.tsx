// The lock-in: what both channels hold at the reference, as numbers and over the last minutes.

import { useCallback, useEffect, useMemo } from "react";
import { lineChart } from "../plot/line-chart";
import { settings } from "../settings";
import { useStore } from "../store";
import type { Facts, Live } from "../stream/live";
import type { Demodulated, LockinReading } from "../stream/lockin-screen";
import { ChartHost } from "./ChartHost";
import { Panel } from "./controls";
import { count, frequency, level, scientific, significant, UNKNOWN, withUnit } from "./format";
import { lockinDraw, lockinSpec, type Quantity } from "./lockin-plot";
import { LockinTools } from "./LockinTools";
import { NoSamples } from "./NoSamples";
import { PausedMark } from "./PausedMark";

export function LockinPanel({ live, facts }: { live: Live; facts: Facts }) {
  const { lockin_span_s } = useStore(settings);
  const reading = facts.lockin;
  useEffect(() => live.show({ lockin_span_s }), [live, lockin_span_s]);
  return (
    <Panel title="Lock-in" className="lockin" tools={<LockinTools />}>
      <p className="sr-only">{summary(reading)}</p>
      <div className="lockin-body">
        <div className="lockin-numbers">
          <State reading={reading} />
          <Numbers reading={reading} />
        </div>
        <div className="lanes">
          <Strip live={live} quantity="amplitude" />
          <Strip live={live} quantity="phase" />
          <NoSamples facts={facts} stream="lockin" empty={reading === null} />
          <PausedMark facts={facts} />
        </div>
      </div>
    </Panel>
  );
}

function State({ reading }: { reading: LockinReading | null }) {
  return (
    <div className="readouts">
      <span className="peak">
        <span className="peak-name">f</span>
        <strong title="The reference's frequency, as set or as measured">{frequency(reading?.reference_hz)}</strong>
      </span>
      <span>{reading && stateText(reading)}</span>
      <span className="note" title="Equivalent noise bandwidth of the settled low-pass">
        {reading && `BW ${significant(reading.bandwidth_hz, 3)} Hz`}
      </span>
    </div>
  );
}

function stateText({ locked, settled, age_tau }: LockinReading): string {
  if (!locked) return "not locked";
  return settled ? "settled" : `settling, ${age_tau.toFixed(0)} τ`;
}

const ROWS: { name: string; title: string; of: (read: Demodulated) => string }[] = [
  { name: "Amplitude, FS", title: "Peak amplitude as a fraction of full scale", of: ({ amplitude }) => significant(amplitude, 5) },
  { name: "Level, dBFS", title: "The same in decibels", of: ({ amplitude }) => level(20 * Math.log10(amplitude)) },
  { name: "Phase", title: "Against the reference, that of a frequency in Hz being a cosine from sample 0 of the epoch", of: ({ phase }) => withUnit((phase * 180) / Math.PI, 2, "°") },
  { name: "X, FS", title: "A cos φ", of: ({ x, amplitude }) => significant(x, 5, amplitude) },
  { name: "Y, FS", title: "A sin φ", of: ({ y, amplitude }) => significant(y, 5, amplitude) },
  { name: "Noise, FS/√Hz", title: "Density of the noise around the harmonic, RMS", of: ({ noise_density }) => scientific(noise_density) },
];

function Numbers({ reading }: { reading: LockinReading | null }) {
  const { channel_a = null, channel_b = null } = reading ?? {};
  return (
    <table>
      <thead>
        <tr>
          <th scope="col" title="Samples that have passed the low-pass since the lock or the last gap">
            n {count(reading?.n)}
          </th>
          <th scope="col">A</th>
          <th scope="col">B</th>
        </tr>
      </thead>
      <tbody>
        {ROWS.map(({ name, title, of }) => (
          <tr key={name} title={title}>
            <th scope="row">{name}</th>
            <td>{channel_a ? of(channel_a) : UNKNOWN}</td>
            <td>{channel_b ? of(channel_b) : UNKNOWN}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Strip({ live, quantity }: { live: Live; quantity: Quantity }) {
  const spec = useMemo(() => lockinSpec(live, quantity), [live, quantity]);
  const make = useCallback(
    (box: HTMLElement) => lineChart(box, { spec, drawer: () => lockinDraw(live, quantity) }),
    [live, quantity, spec],
  );
  return (
    <div className="lane">
      <span className="strip-name" aria-hidden="true">
        {quantity === "amplitude" ? "amplitude, FS" : "phase, °"}
      </span>
      <ChartHost live={live} className="plot" make={make} />
    </div>
  );
}

function summary(reading: LockinReading | null): string {
  if (reading === null) return "No reading yet.";
  const of = (name: string, read: Demodulated | null) =>
    read ? ` Channel ${name}: amplitude ${significant(read.amplitude, 3)} of full scale, phase ${withUnit((read.phase * 180) / Math.PI, 0, "degrees")}.` : "";
  return `Reference ${frequency(reading.reference_hz)}, ${stateText(reading)}.${of("A", reading.channel_a)}${of("B", reading.channel_b)}`;
}
