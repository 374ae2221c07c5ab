// One event in a list: when, what, of whom; all it says when it is opened.

import { memo, useState } from "react";
import type { LabEvent } from "../api/types";

/** Characters of the properties that are seen without opening. */
const PREVIEW = 160;

const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });

export const EventRow = memo(({ event, dated = false }: { event: LabEvent; dated?: boolean }) => {
  const [open, setOpen] = useState(false);
  const time = new Date(event.timestamp);
  return (
    <li>
      <details className="event" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>
          <time dateTime={event.timestamp} title={`${event.timestamp} (UTC)`}>
            {dated && <span className="event-date">{dateText(time)} </span>}
            {TIME.format(time)}
          </time>
          <span className="event-name">{event.event}</span>
          <span className="event-who">{event.distinct_id}</span>
          <span className="event-preview">{previewOf(event)}</span>
        </summary>
        {open && <Whole event={event} />}
      </details>
    </li>
  );
});

function Whole({ event }: { event: LabEvent }) {
  return (
    <div className="event-whole">
      <pre>{JSON.stringify(Object.fromEntries(sorted(event)), null, 2)}</pre>
      <p className="note">
        id {event.id} · session {event.session_id ?? "—"} · environment {event.environment} · {event.timestamp}
      </p>
    </div>
  );
}

/** By their names: the server's order is none. */
const sorted = ({ properties }: LabEvent) => Object.entries(properties).toSorted(([a], [b]) => (a < b ? -1 : 1));

function previewOf(event: LabEvent): string {
  const parts = sorted(event).map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
  const text = parts.join("  ");
  return text.length > PREVIEW ? `${text.slice(0, PREVIEW)}…` : text;
}

const two = (value: number) => String(value).padStart(2, "0");

/** The date of this place, as in 2025-06-15. */
const dateText = (time: Date) => `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
