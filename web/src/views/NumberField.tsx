// A number typed between bounds, with its unit.

import { TypedField } from "./TypedField";

interface NumberFieldProps {
  label: string;
  unit: string;
  value: number;
  bounds: { least: number; most: number };
  whole?: boolean;
  onChange: (value: number) => void;
}

export function NumberField({ label, unit, value, bounds: { least, most }, whole = false, onChange }: NumberFieldProps) {
  const take = (text: string) => {
    const typed = text.trim() === "" ? Number.NaN : Number(text);
    const good = typed >= least && typed <= most && (!whole || Number.isInteger(typed));
    if (!good) return `${least} to ${most}${whole ? ", whole" : ""}`;
    onChange(typed);
    return null;
  };
  return <TypedField label={label} unit={unit} className="number" value={String(value)} take={take} />;
}
