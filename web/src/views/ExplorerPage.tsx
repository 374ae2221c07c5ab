// The view "Events": what has happened, page by page into the past.

import { useEffect, useState } from "react";
import { api } from "../api/client";
import type { Session } from "../api/types";
import { NoPermission } from "../auth/NoPermission";
import { checkQuery, hasFault, type QueryFaults } from "../events/check-query";
import { type EventQuery, queryText } from "../events/event-query";
import type { Explorer } from "../events/explorer";
import { useStore } from "../store";
import { Panel } from "./controls";
import { EventsBar } from "./EventsBar";
import { FilterBuilder } from "./FilterBuilder";
import { FoundEvents } from "./FoundEvents";
import { LinkNotice } from "./LinkNotice";
import { PastFields } from "./PastFields";
import { useSessionNews } from "./use-session-news";

interface ExplorerPageProps {
  explorer: Explorer;
  /** Of the link. */
  query: EventQuery;
  link_problems: readonly string[];
}

export function ExplorerPage({ explorer, query: linked, link_problems }: ExplorerPageProps) {
  const [query, setQuery] = useState(linked);
  const [past, setPast] = useState({ distinct_id: linked.distinct_id, since: linked.since, until: linked.until });
  const [faults, setFaults] = useState<QueryFaults | null>(null);
  const view = useStore(explorer.view);
  const refused = useLacking(view.fault?.code === "scope_missing");
  useSessionNews(() => void explorer.search(query));
  useEffect(() => {
    let ended = false;
    const begin = async () => {
      const found = await checkQuery(linked);
      if (ended) return;
      if (hasFault(found)) setFaults(found);
      else await explorer.search(linked);
    };
    void begin();
    return () => {
      ended = true;
    };
  }, [explorer, linked]);
  const apply = (change: Partial<EventQuery>) => {
    const next = { ...query, ...change, ...past };
    setQuery(next);
    history.replaceState(history.state, "", location.pathname + queryText(next));
    void explorer.search(next);
  };
  if (refused) return <NoPermission session={refused} what="events" scope="events:read" />;
  return (
    <>
      <EventsBar />
      <LinkNotice problems={link_problems} />
      <main className="events-past">
        <Panel title="Which events" className="which">
          <FilterBuilder query={query} faults={faults} action="Search" onApply={apply}>
            <PastFields past={past} onChange={setPast} />
          </FilterBuilder>
        </Panel>
        <FoundEvents view={view} onOlder={() => void explorer.older()} />
      </main>
    </>
  );
}

/** The session, when it lacks the permission. */
function useLacking(lacks: boolean): Session | null {
  const [session, setSession] = useState<Session | null>(null);
  useEffect(() => {
    // Where it cannot be had, the fault is seen.
    if (lacks) api.session().then(setSession, () => {});
  }, [lacks]);
  return lacks ? session : null;
}
