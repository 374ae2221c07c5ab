// An end of the band shown, typed in Hz.

import { useId, useState } from "react";

interface BandFieldProps {
  label: "From" | "to";
  value: number | null;
  /** Whether the value cannot be followed. */
  invalid: boolean;
  onChange: (hz: number | null) => void;
}

/** Empty for the end of the band. Takes effect when it is left or Enter is pressed, if it is a frequency. */
export function BandField({ label, value, invalid, onChange }: BandFieldProps) {
  const [text, setText] = useState<string | null>(null);
  const [unreadable, setUnreadable] = useState(false);
  const fault = useId();
  const commit = () => {
    if (text === null) return;
    const hz = Number(text);
    const readable = Number.isFinite(hz) && hz >= 0;
    setUnreadable(!readable);
    if (!readable) return;
    onChange(text.trim() === "" ? null : hz);
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
        aria-invalid={invalid || unreadable}
        aria-describedby={unreadable ? fault : undefined}
        value={text ?? (value === null ? "" : String(value))}
        onChange={(event) => setText(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === "Enter" && commit()}
      />
      <span aria-hidden="true">Hz</span>
      {unreadable && (
        <span className="fault" id={fault}>
          not a number of Hz
        </span>
      )}
    </label>
  );
}
