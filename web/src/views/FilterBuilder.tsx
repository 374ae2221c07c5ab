// Which events are meant: names, environment, and conditions of their properties. The server judges them, part by part.

import { useId, useRef, useState } from "react";
import { checkQuery, hasFault, type QueryFaults } from "../events/check-query";
import { type EventQuery } from "../events/event-query";
import { filterOf, type FilterRow, namesOf, rowOf } from "../events/filter-text";
import { FilterRowFields, Fault } from "./FilterRowFields";

const FINE: QueryFaults = { events: null, environment: null, filters: [] };

interface Draft {
  names: string;
  environment: string;
  rows: (FilterRow & { key: number })[];
}

interface FilterBuilderProps {
  query: EventQuery;
  /** Faults that are known before anything is typed, as of a link. */
  faults?: QueryFaults | null;
  /** The name of the button. */
  action: string;
  onApply: (change: Pick<EventQuery, "events" | "environment" | "filters">) => void;
  children?: React.ReactNode;
}

export function FilterBuilder({ query, faults = null, action, onApply, children }: FilterBuilderProps) {
  const keys = useRef(query.filters.length);
  const [draft, setDraft] = useState(() => draftOf(query));
  const [found, setFound] = useState<QueryFaults | null>(null);
  const [busy, setBusy] = useState(false);
  const wrong = found ?? faults ?? FINE;
  const change = (next: Partial<Draft>) => setDraft({ ...draft, ...next });
  const apply = async (event: React.FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const meant = meantBy(draft);
    const answer = await checkQuery({ ...query, ...meant });
    setBusy(false);
    setFound(answer);
    if (!hasFault(answer)) onApply(meant);
  };
  const addRow = () => change({ rows: [...draft.rows, { property: "", operator: "equals", text: "", key: keys.current++ }] });
  return (
    <form className="filters" onSubmit={apply} aria-label="Which events">
      <NameFields draft={draft} change={change} wrong={wrong} />
      {draft.rows.map((row, n) => (
        <FilterRowFields
          key={row.key}
          row={row}
          fault={wrong.filters[n] ?? null}
          onChange={(next) => change({ rows: draft.rows.map((each) => (each === row ? { ...each, ...next } : each)) })}
          onRemove={() => {
            change({ rows: draft.rows.filter((each) => each !== row) });
            setFound({ ...wrong, filters: wrong.filters.filter((_, k) => k !== n) });
          }}
        />
      ))}
      {children}
      <div className="tools">
        <button type="button" className="button" onClick={addRow}>
          Add a condition
        </button>
        <button type="submit" className="button primary" aria-disabled={busy}>
          {action}
        </button>
        {isChanged(draft, query) && <span className="note">not applied yet</span>}
      </div>
    </form>
  );
}

interface NameFieldsProps {
  draft: Draft;
  change: (next: Partial<Draft>) => void;
  wrong: QueryFaults;
}

function NameFields({ draft, change, wrong }: NameFieldsProps) {
  const id = useId();
  return (
    <div className="filter-names">
      <label className="choice wide">
        <span>Names</span>
        <input
          value={draft.names}
          placeholder="all; such as daemon.*, $pageview"
          spellCheck={false}
          autoCapitalize="none"
          aria-invalid={wrong.events !== null}
          aria-describedby={wrong.events === null ? undefined : `${id}-names`}
          onChange={(event) => change({ names: event.target.value })}
        />
      </label>
      <label className="choice">
        <span>Environment</span>
        <input
          className="environment"
          value={draft.environment}
          placeholder="any"
          spellCheck={false}
          autoCapitalize="none"
          aria-invalid={wrong.environment !== null}
          aria-describedby={wrong.environment === null ? undefined : `${id}-environment`}
          onChange={(event) => change({ environment: event.target.value })}
        />
      </label>
      <Fault id={`${id}-names`} text={wrong.events} />
      <Fault id={`${id}-environment`} text={wrong.environment} />
    </div>
  );
}

function draftOf({ events, environment, filters }: EventQuery): Draft {
  return { names: events.join(", "), environment, rows: filters.map((filter, key) => ({ ...rowOf(filter), key })) };
}

const meantBy = ({ names, environment, rows }: Draft) => ({ events: namesOf(names), environment: environment.trim(), filters: rows.map(filterOf) });

function isChanged(draft: Draft, { events, environment, filters }: EventQuery): boolean {
  return JSON.stringify(meantBy(draft)) !== JSON.stringify({ events, environment, filters: filters.map(rowOf).map(filterOf) });
}
