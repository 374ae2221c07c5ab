// Controls of spectrum and waterfall's common axes: scale, band, range of levels; the holds; how spectra are computed.

import type { Calibration } from "../api/types";
import { FLOORS_DB, settings, TOPS_DB } from "../settings";
import { useStore } from "../store";
import { isEmptyBand } from "../stream/frequency-axis";
import { DBFS } from "../stream/level-unit";
import type { Facts, Live } from "../stream/live";
import { AnalysisTools } from "./AnalysisTools";
import { BandField } from "./BandField";
import { Choice } from "./controls";
import { count } from "./format";
import { HoldTools } from "./HoldTools";
import { sampleRate } from "./known";

const dbOptions = (levels: readonly number[], origin_db: number) =>
  levels.map((value) => ({ value, text: `${value + origin_db} dB`.replace("-", "−") }));
const SCALES = [
  { value: "log", text: "log" },
  { value: "linear", text: "linear" },
] as const;

interface SpectrumToolsProps {
  live: Live;
  facts: Facts;
  /** Null while nobody knows. */
  calibration: Calibration | null;
}

export function SpectrumTools({ live, facts, calibration }: SpectrumToolsProps) {
  const { scale, lo_hz, hi_hz, floor_db, top_db } = useStore(settings);
  const { origin_db } = facts.spectrum?.level ?? DBFS;
  // While it is unknown, a band can lie anywhere.
  const sample_rate = sampleRate(facts);
  const empty = isEmptyBand(scale, sample_rate ?? Number.POSITIVE_INFINITY, lo_hz, hi_hz);
  return (
    <div className="tools">
      <Choice label="Axis" value={scale} options={SCALES} onChange={(next) => settings.update({ scale: next })} />
      <BandField label="From" value={lo_hz} invalid={empty} onChange={(hz) => settings.update({ lo_hz: hz })} />
      <BandField label="to" value={hi_hz} invalid={empty} onChange={(hz) => settings.update({ hi_hz: hz })} />
      {empty && <EmptyBand sample_rate={sample_rate} />}
      <Choice label="Level" value={floor_db} options={dbOptions(FLOORS_DB, origin_db)} onChange={(db) => settings.update({ floor_db: db })} />
      <Choice label="to" value={top_db} options={dbOptions(TOPS_DB, origin_db)} onChange={(db) => settings.update({ top_db: db })} />
      <HoldTools live={live} facts={facts} />
      <AnalysisTools calibration={calibration} />
    </div>
  );
}

function EmptyBand({ sample_rate }: { sample_rate: number | null }) {
  const band = sample_rate === null ? "" : ` to ${count(sample_rate / 2)} Hz`;
  return <output className="fault">nothing lies between; all{band} is shown</output>;
}
