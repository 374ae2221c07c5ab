// One condition: property, operator, value; and what the server says to it.

import { useId } from "react";
import { type FilterRow, OPERATORS, takesValue } from "../events/filter-text";

interface FilterRowFieldsProps {
  row: FilterRow;
  fault: string | null;
  onChange: (change: Partial<FilterRow>) => void;
  onRemove: () => void;
}

/** What a value is meant as. */
const HINTS: Partial<Record<FilterRow["operator"], string>> = {
  in: "1, 2, red",
  contains: "text",
  starts_with: "text",
  regex: "^a.*z$",
};

export function FilterRowFields({ row, fault, onChange, onRemove }: FilterRowFieldsProps) {
  const id = useId();
  const described = { "aria-invalid": fault !== null, "aria-describedby": fault === null ? undefined : id };
  return (
    <fieldset className="filter-row">
      <legend className="sr-only">Condition</legend>
      <input
        {...described}
        aria-label="Property"
        placeholder="property"
        spellCheck={false}
        autoCapitalize="none"
        value={row.property}
        onChange={(event) => onChange({ property: event.target.value })}
      />
      <select
        aria-label="Operator"
        value={row.operator}
        onChange={(event) => onChange({ operator: OPERATORS[event.target.selectedIndex]?.value ?? "equals" })}
      >
        {OPERATORS.map(({ value, text }) => (
          <option key={value} value={value} title={value}>
            {text}
          </option>
        ))}
      </select>
      {takesValue(row.operator) ? (
        <input
          {...described}
          aria-label="Value"
          title={'5 is a number and "5" a text'}
          placeholder={HINTS[row.operator] ?? "value"}
          spellCheck={false}
          autoCapitalize="none"
          value={row.text}
          onChange={(event) => onChange({ text: event.target.value })}
        />
      ) : (
        <span />
      )}
      <button type="button" className="button" aria-label="Remove the condition" title="Remove the condition" onClick={onRemove}>
        ×
      </button>
      <Fault id={id} text={fault} />
    </fieldset>
  );
}

export function Fault({ id, text }: { id: string; text: string | null }) {
  return text === null ? null : (
    <span className="fault" id={id} role="alert">
      {text}
    </span>
  );
}
