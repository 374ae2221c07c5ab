// Controls of spectrum and waterfall's common axes: scale, band, range of levels, maximum hold.

import { useState } from "react";
import { FLOORS_DB, settings, TOPS_DB } from "../settings";
import { useStore } from "../store";
import { Choice, Toggle } from "./controls";

const dbOptions = (levels: readonly number[]) => levels.map((value) => ({ value, text: `${value} dB`.replace("-", "−") }));
const FLOORS = dbOptions(FLOORS_DB);
const TOPS = dbOptions(TOPS_DB);
const SCALES = [
  { value: "log", text: "log" },
  { value: "linear", text: "linear" },
] as const;

export function SpectrumTools() {
  const { scale, lo_hz, hi_hz, floor_db, top_db, hold } = useStore(settings);
  return (
    <div className="tools">
      <Choice label="Axis" value={scale} options={SCALES} onChange={(next) => settings.update({ scale: next })} />
      <BandField label="From" value={lo_hz} onChange={(hz) => settings.update({ lo_hz: hz })} />
      <BandField label="to" value={hi_hz} onChange={(hz) => settings.update({ hi_hz: hz })} />
      <Choice label="Level" value={floor_db} options={FLOORS} onChange={(db) => settings.update({ floor_db: db })} />
      <Choice label="to" value={top_db} options={TOPS} onChange={(db) => settings.update({ top_db: db })} />
      <Toggle pressed={hold} title="Keep the largest level of each bin (H)" onChange={(next) => settings.update({ hold: next })}>
        Max hold
      </Toggle>
    </div>
  );
}

interface BandFieldProps {
  label: string;
  value: number | null;
  onChange: (hz: number | null) => void;
}

/** A frequency in Hz; empty for the end of the band. Takes effect when it is left or Enter is pressed. */
function BandField({ label, value, onChange }: BandFieldProps) {
  const [text, setText] = useState<string | null>(null);
  const commit = () => {
    if (text === null) return;
    const hz = Number(text);
    onChange(text.trim() === "" || !Number.isFinite(hz) || hz < 0 ? null : hz);
    setText(null);
  };
  return (
    <label className="choice">
      <span>{label}</span>
      <input
        className="band"
        inputMode="decimal"
        placeholder="all"
        aria-label={`${label === "From" ? "Lowest" : "Highest"} frequency shown in Hz`}
        value={text ?? (value === null ? "" : String(value))}
        onChange={(event) => setText(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === "Enter" && commit()}
      />
      <span aria-hidden="true">Hz</span>
    </label>
  );
}
