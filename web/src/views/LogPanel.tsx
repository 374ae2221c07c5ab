// The newest events, and what of them is missing.

import { type EventLog, HELD_MAX, type Line, LINES_MAX } from "../events/event-log";
import { useStore } from "../store";
import { Panel, Toggle } from "./controls";
import { EventRow } from "./EventRow";
import { count } from "./format";

interface LogPanelProps {
  log: EventLog;
  /** Where the same events are to be had from the past. */
  past: string;
  live: boolean;
}

export function LogPanel({ log, past, live }: LogPanelProps) {
  const { lines, paused, held, cut } = useStore(log.view);
  const tools = (
    <div className="tools">
      {paused && <output className="held">{heldText(held)}</output>}
      <Toggle pressed={paused} title={`The list stands still; up to ${HELD_MAX} events wait`} onChange={(on) => log.pause(on)}>
        {paused ? "Resume" : "Pause"}
      </Toggle>
    </div>
  );
  return (
    <Panel title="Newest events" className="log" tools={tools}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the keyboard could not scroll it otherwise */}
      <section className="event-scroll" tabIndex={0} aria-label="Events, the newest first">
        {lines.length === 0 && <p className="note nothing">{live ? "Nothing of this has happened yet." : "Nothing is here yet."}</p>}
        <ol className="event-list">
          {lines.map((line) => (line.event ? <EventRow key={line.key} event={line.event} /> : <MissedRow key={line.key} line={line} past={past} />))}
        </ol>
        {cut && (
          <p className="note">
            This list has up to {count(LINES_MAX)} lines. <a href={past}>Older events</a>
          </p>
        )}
      </section>
    </Panel>
  );
}

const heldText = (held: number) => `${count(held)} came meanwhile${held > HELD_MAX ? `, the oldest ${count(held - HELD_MAX)} do not wait` : ""}`;

const REASONS = {
  server: "did not come: this page was too slow, or away for too long",
  held: "came while the list stood still, and had no room to wait",
  away: "came while this page was not seen",
} as const;

function MissedRow({ line: { missed, why }, past }: { line: Extract<Line, { event: null }>; past: string }) {
  const many = missed === null ? "An unknown number of" : count(missed);
  return (
    <li className="missed">
      {many} {missed === 1 ? "event" : "events"} {REASONS[why]}. <a href={past}>What has happened</a>
    </li>
  );
}
