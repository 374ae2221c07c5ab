// Small parts that panels are made of.

import type { ReactNode } from "react";

interface PanelProps {
  title: string;
  className: string;
  tools?: ReactNode;
  children: ReactNode;
}

export function Panel({ title, className, tools, children }: PanelProps) {
  const id = `panel-${title.toLowerCase().replaceAll(" ", "-")}`;
  return (
    <section className={`panel ${className}`} aria-labelledby={id}>
      <header className="panel-head">
        <h2 id={id}>{title}</h2>
        {tools}
      </header>
      {children}
    </section>
  );
}

interface ToggleProps {
  pressed: boolean;
  onChange: (pressed: boolean) => void;
  title: string;
  /** Its name where what is seen is shorter. */
  label?: string;
  children: ReactNode;
}

export function Toggle({ pressed, onChange, title, label, children }: ToggleProps) {
  return (
    <button type="button" className="button" aria-pressed={pressed} aria-label={label} title={title} onClick={() => onChange(!pressed)}>
      {children}
    </button>
  );
}

interface ChoiceProps<T extends string | number> {
  label: string;
  value: T;
  options: readonly { value: T; text: string; disabled?: boolean }[];
  onChange: (value: T) => void;
}

export function Choice<T extends string | number>({ label, value, options, onChange }: ChoiceProps<T>) {
  return (
    <label className="choice">
      <span>{label}</span>
      <select
        value={value}
        onChange={(event) => {
          const chosen = options[event.target.selectedIndex];
          if (chosen) onChange(chosen.value);
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.text}
          </option>
        ))}
      </select>
    </label>
  );
}

export type Tone = "ok" | "warn" | "bad" | "info" | "plain";

export function Badge({ tone, title, children }: { tone: Tone; title?: string; children: ReactNode }) {
  return (
    <span className={`badge ${tone}`} title={title}>
      <span className="dot" aria-hidden="true" />
      {children}
    </span>
  );
}

/** A name with its value, as a row of a definition list. */
export function Fact({ name, title, children }: { name: string; title?: string; children: ReactNode }) {
  return (
    <div className="fact" title={title}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
