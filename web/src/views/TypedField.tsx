// A field to type in that takes effect when it is left or Enter is pressed, and says what is wrong with the text.

import { useId, useState } from "react";

interface TypedFieldProps {
  label?: string;
  /** For screen readers, where the label alone does not tell. */
  name?: string;
  unit: string;
  className: "band" | "number";
  placeholder?: string;
  /** Whether the value cannot be followed. */
  invalid?: boolean;
  value: string;
  /** Follows a text, or tells what is wrong with it. */
  take: (text: string) => string | null;
}

export function TypedField({ label, name, unit, className, placeholder, invalid = false, value, take }: TypedFieldProps) {
  const [text, setText] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const id = useId();
  const commit = () => {
    if (text === null) return;
    const wrong = take(text);
    setFault(wrong);
    if (wrong === null) setText(null);
  };
  return (
    <label className="choice">
      {label && <span>{label}</span>}
      <input
        className={className}
        inputMode="decimal"
        placeholder={placeholder}
        aria-label={name}
        aria-invalid={invalid || fault !== null}
        aria-describedby={fault === null ? undefined : id}
        value={text ?? value}
        onChange={(event) => setText(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === "Enter" && commit()}
      />
      {unit && <span aria-hidden={name ? true : undefined}>{unit}</span>}
      {fault !== null && (
        <span className="fault" id={id}>
          {fault}
        </span>
      )}
    </label>
  );
}
