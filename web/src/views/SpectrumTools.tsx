// Controls of spectrum and waterfall's common axes: scale, band, range of levels, maximum hold.

import { FLOORS_DB, settings, TOPS_DB } from "../settings";
import { useStore } from "../store";
import { isEmptyBand } from "../stream/frequency-axis";
import { BandField } from "./BandField";
import { Choice, Toggle } from "./controls";
import { count } from "./format";

const dbOptions = (levels: readonly number[]) => levels.map((value) => ({ value, text: `${value} dB`.replace("-", "−") }));
const FLOORS = dbOptions(FLOORS_DB);
const TOPS = dbOptions(TOPS_DB);
const SCALES = [
  { value: "log", text: "log" },
  { value: "linear", text: "linear" },
] as const;

/** `sample_rate` is null while unknown; a band can then lie anywhere. */
export function SpectrumTools({ sample_rate }: { sample_rate: number | null }) {
  const { scale, lo_hz, hi_hz, floor_db, top_db, hold } = useStore(settings);
  const empty = isEmptyBand(scale, sample_rate ?? Number.POSITIVE_INFINITY, lo_hz, hi_hz);
  return (
    <div className="tools">
      <Choice label="Axis" value={scale} options={SCALES} onChange={(next) => settings.update({ scale: next })} />
      <BandField label="From" value={lo_hz} invalid={empty} onChange={(hz) => settings.update({ lo_hz: hz })} />
      <BandField label="to" value={hi_hz} invalid={empty} onChange={(hz) => settings.update({ hi_hz: hz })} />
      {empty && <EmptyBand sample_rate={sample_rate} />}
      <Choice label="Level" value={floor_db} options={FLOORS} onChange={(db) => settings.update({ floor_db: db })} />
      <Choice label="to" value={top_db} options={TOPS} onChange={(db) => settings.update({ top_db: db })} />
      <Toggle pressed={hold} title="Keep the largest level of each bin (H)" onChange={(next) => settings.update({ hold: next })}>
        Max hold
      </Toggle>
    </div>
  );
}

function EmptyBand({ sample_rate }: { sample_rate: number | null }) {
  const band = sample_rate === null ? "" : ` to ${count(sample_rate / 2)} Hz`;
  return <output className="fault">nothing lies between; all{band} is shown</output>;
}
