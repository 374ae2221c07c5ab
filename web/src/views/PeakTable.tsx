// The peaks that the server found, largest first. A click on a frequency puts the cursor there.

import type { Settings } from "../settings";
import type { Facts } from "../stream/live";
import type { ListedPeak } from "../stream/spectrum-method";
import type { SpectrumView } from "../stream/spectrum-view";
import { frequency, level } from "./format";
import { knownChannels } from "./known";

/** The class by which spectrum and waterfall leave room for the table. */
export function besidePeaks(facts: Facts, { peaks }: Pick<Settings, "peaks">): string {
  if (peaks === 0) return "";
  return listsBoth(facts) ? "beside-peaks" : "beside-peaks mono";
}

/** Whether there are levels of channel B, which a source or its calibration may not have. */
export function listsBoth(facts: Facts): boolean {
  return facts.spectrum ? facts.spectrum.b !== null : knownChannels(facts) === 2;
}

interface PeakTableProps {
  /** Null before the first spectrum with peaks. */
  peaks: SpectrumView["peaks"];
  /** Whether there is a channel B. */
  stereo: boolean;
  /** Of their levels, which are those of sines whatever the spectrum's scale. */
  unit: string;
  rows: number;
  onChoose: (hz: number) => void;
}

export function PeakTable({ peaks, stereo, unit, rows, onChoose }: PeakTableProps) {
  const channels = stereo ? (["a", "b"] as const) : (["a"] as const);
  return (
    <table className="peak-table">
      <caption className="sr-only">Peaks of the whole band, largest first</caption>
      <thead>
        <tr>
          {channels.map((channel) => (
            <Heads key={channel} name={channel.toUpperCase()} unit={unit} />
          ))}
        </tr>
      </thead>
      <tbody>
        {Array.from({ length: rows }, (_, row) => (
          // oxlint-disable-next-line react/no-array-index-key -- a row is its rank
          <tr key={row}>
            {channels.map((channel) => (
              <Cells key={channel} peak={peaks?.[channel][row]} onChoose={onChoose} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Heads({ name, unit }: { name: string; unit: string }) {
  return (
    <>
      <th scope="col">Peak {name}</th>
      <th scope="col">{unit}</th>
      <th scope="col" title="Power over the mean power of the noise in one bin about it">
        SNR dB
      </th>
    </>
  );
}

function Cells({ peak, onChoose }: { peak: ListedPeak | undefined; onChoose: (hz: number) => void }) {
  return (
    <>
      <td>
        {peak && (
          <button type="button" title="Put the cursor here" onClick={() => onChoose(peak.hz)}>
            {frequency(peak.hz)}
          </button>
        )}
      </td>
      <td>{peak && level(peak.level_db)}</td>
      <td>{peak && level(peak.snr_db)}</td>
    </>
  );
}
