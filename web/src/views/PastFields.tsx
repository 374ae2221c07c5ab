// From when, until when, and of whom.

import type { EventQuery } from "../events/event-query";
import { fromLocalTime, localTime } from "../events/event-query";

type Past = Pick<EventQuery, "distinct_id" | "since" | "until">;

export function PastFields({ past, onChange }: { past: Past; onChange: (past: Past) => void }) {
  return (
    <div className="filter-past">
      <Time label="Since" value={past.since} onChange={(since) => onChange({ ...past, since })} />
      <Time label="Until" value={past.until} onChange={(until) => onChange({ ...past, until })} />
      <label className="choice">
        <span>Of</span>
        <input
          value={past.distinct_id}
          placeholder="anybody"
          spellCheck={false}
          autoCapitalize="none"
          onChange={(event) => onChange({ ...past, distinct_id: event.target.value.trim() })}
        />
      </label>
    </div>
  );
}

function Time({ label, value, onChange }: { label: string; value: string; onChange: (rfc3339: string) => void }) {
  return (
    <label className="choice" title={value === "" ? "Time of this place" : `${value} (UTC)`}>
      <span>{label}</span>
      <input type="datetime-local" step={1} value={localTime(value)} onChange={(event) => onChange(fromLocalTime(event.target.value))} />
    </label>
  );
}
