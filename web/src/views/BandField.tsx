// An end of the band shown, typed in Hz.

import { TypedField } from "./TypedField";

interface BandFieldProps {
  label: "From" | "to";
  value: number | null;
  /** Whether the value cannot be followed. */
  invalid: boolean;
  onChange: (hz: number | null) => void;
}

/** Empty for the end of the band. */
export function BandField({ label, value, invalid, onChange }: BandFieldProps) {
  const take = (text: string) => {
    const hz = Number(text);
    if (!(Number.isFinite(hz) && hz >= 0)) return "not a number of Hz";
    onChange(text.trim() === "" ? null : hz);
    return null;
  };
  const name = `${label === "From" ? "Lowest" : "Highest"} frequency shown in Hz`;
  const shown = value === null ? "" : String(value);
  return <TypedField label={label} name={name} unit="Hz" className="band" placeholder="all" invalid={invalid} value={shown} take={take} />;
}
