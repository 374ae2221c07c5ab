// A number typed between bounds, with its unit.

import { useId, useState } from "react";

interface NumberFieldProps {
  label: string;
  unit: string;
  value: number;
  bounds: { least: number; most: number };
  whole?: boolean;
  onChange: (value: number) => void;
}

/** Takes effect when it is left or Enter is pressed, if it is a number within the bounds. */
export function NumberField({ label, unit, value, bounds, whole = false, onChange }: NumberFieldProps) {
  const [text, setText] = useState<string | null>(null);
  const [fault, setFault] = useState(false);
  const id = useId();
  const commit = () => {
    if (text === null) return;
    const typed = text.trim() === "" ? Number.NaN : Number(text);
    const good = typed >= bounds.least && typed <= bounds.most && (!whole || Number.isInteger(typed));
    setFault(!good);
    if (!good) return;
    onChange(typed);
    setText(null);
  };
  return (
    <label className="choice">
      <span>{label}</span>
      <input
        className="number"
        inputMode="decimal"
        aria-invalid={fault}
        aria-describedby={fault ? id : undefined}
        value={text ?? String(value)}
        onChange={(event) => setText(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === "Enter" && commit()}
      />
      {unit && <span>{unit}</span>}
      {fault && (
        <span className="fault" id={id}>
          {bounds.least} to {bounds.most}
          {whole && ", whole"}
        </span>
      )}
    </label>
  );
}
