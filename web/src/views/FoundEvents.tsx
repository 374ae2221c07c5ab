// What was found in the past, how far was searched, and what of it is on disk.

import type { EventList } from "../api/types";
import type { ExplorerView } from "../events/explorer";
import { Panel } from "./controls";
import { EventRow } from "./EventRow";
import { count } from "./format";

export function FoundEvents({ view, onOlder }: { view: ExplorerView; onOlder: () => void }) {
  const { events, last, fault } = view;
  return (
    <Panel title="Found" className="found" tools={<span className="note">{last && diskText(last)}</span>}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the keyboard could not scroll it otherwise */}
      <section className="event-scroll" tabIndex={0} aria-label="Events that were found, the newest first">
        <ol className="event-list">
          {events.map((event) => (
            <EventRow key={event.id} event={event} dated />
          ))}
        </ol>
        {fault !== null && (
          <p className="fault" role="alert">
            {fault.message}
          </p>
        )}
        <footer className="found-end">
          <output>{endText(view)}</output>
          {(fault !== null || (last && last.cursor !== null)) && (
            <button type="button" className="button" aria-disabled={view.busy} onClick={onOlder}>
              {fault === null ? olderText(last) : "Try again"}
            </button>
          )}
        </footer>
      </section>
    </Panel>
  );
}

const olderText = (last: ExplorerView["last"]) => (last?.complete === false ? "Go on searching" : "Older");

/** How far was searched, as it is: fewer events than wanted are not all of them while there is a cursor. */
export function endText({ events, last, looked_at, busy, fault }: ExplorerView): string {
  if (busy) return "Searching …";
  if (last === null || fault !== null) return "";
  const found = `${count(events.length)} found, ${count(looked_at)} looked at`;
  if (last.cursor === null) return events.length === 0 ? `Nothing of this has happened (${count(looked_at)} looked at).` : `${found}. There is nothing older.`;
  if (!last.complete) return `${found}. The server looks at no more for one request; there may be older ones.`;
  return `${found}. There are older ones.`;
}

/** What of it a loss of power would leave. */
export function diskText({ durable_until, flush_ms }: Pick<EventList, "durable_until" | "flush_ms">): string {
  if (flush_ms === null) return "Events are kept in memory only";
  const number = durable_until?.split(":").at(-1);
  const until = number === undefined ? "none of this run yet" : `up to no. ${count(Number(number))} of this run`;
  return `On disk: ${until}; after ${count(flush_ms)} ms at most`;
}
