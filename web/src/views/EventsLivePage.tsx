// The view "Live": who is here, what happens how often, and the newest events.

import { useEffect, useState } from "react";
import { api } from "../api/client";
import { NoPermission } from "../auth/NoPermission";
import { checkQuery, hasFault, type QueryFaults } from "../events/check-query";
import type { EventFeed, FeedFacts } from "../events/event-feed";
import type { EventLog } from "../events/event-log";
import { type EventQuery, queryText, subscriptionOf } from "../events/event-query";
import { useStore } from "../store";
import { Badge, Panel, type Tone } from "./controls";
import { EventsBar } from "./EventsBar";
import { FilterBuilder } from "./FilterBuilder";
import { LinkNotice } from "./LinkNotice";
import { PagesPanel, RatesPanel, UsersPanel } from "./LivePanels";
import { LogPanel } from "./LogPanel";
import { useClock } from "./use-clock";
import { usePoll } from "./use-poll";
import { useRefused } from "./use-refused";
import { useSessionNews } from "./use-session-news";

const DASHBOARD_MS = 1000;
const USERS_MS = 2000;

interface EventsLivePageProps {
  feed: EventFeed;
  log: EventLog;
  /** Of the link. */
  query: EventQuery;
  link_problems: readonly string[];
}

export function EventsLivePage(props: EventsLivePageProps) {
  const refused = useRefused(props.feed);
  useSessionNews(() => props.feed.retryNow());
  return refused ? <NoPermission session={refused} what="events" scope="events:read" /> : <LiveEvents {...props} />;
}

function LiveEvents({ feed, log, query: linked, link_problems }: EventsLivePageProps) {
  const facts = useStore(feed.facts);
  const now_ms = useClock();
  const { phase } = facts.phase;
  const dashboard = usePoll(api.dashboard, DASHBOARD_MS, phase);
  const users = usePoll(api.users, USERS_MS, phase);
  const [query, setQuery] = useState(linked);
  const link_faults = useFollowed(feed, linked);
  const apply = (change: Partial<EventQuery>) => {
    const next = { ...query, ...change };
    setQuery(next);
    history.replaceState(history.state, "", location.pathname + queryText(next));
    feed.follow(subscriptionOf(next));
  };
  return (
    <>
      <EventsBar badges={<PhaseBadge facts={facts} now_ms={now_ms} idle={link_faults !== null} />} />
      <LinkNotice problems={link_problems} />
      {facts.fault && <p className="notice warn">{facts.fault}</p>}
      <Refusal feed={feed} facts={facts} />
      <main className="events-live">
        <div className="events-main">
          <Panel title="Which events" className="which">
            <FilterBuilder query={query} faults={link_faults} action="Apply" onApply={apply} />
          </Panel>
          <LogPanel log={log} past={`/events${queryText(query)}`} live={phase === "live"} />
        </div>
        <div className="events-side">
          <UsersPanel list={users} now_ms={now_ms} />
          <RatesPanel dashboard={dashboard} />
          <PagesPanel dashboard={dashboard} />
        </div>
      </main>
    </>
  );
}

/** Follows the events of the link, once the server has nothing against them; the faults, if it has. */
function useFollowed(feed: EventFeed, linked: EventQuery): QueryFaults | null {
  const [faults, setFaults] = useState<QueryFaults | null>(null);
  useEffect(() => {
    let ended = false;
    const begin = async () => {
      const found = await checkQuery(linked);
      if (ended) return;
      if (hasFault(found)) setFaults(found);
      else feed.follow(subscriptionOf(linked));
    };
    void begin();
    const look = () => feed.show(!document.hidden);
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      ended = true;
      document.removeEventListener("visibilitychange", look);
      feed.show(false);
    };
  }, [feed, linked]);
  return faults;
}

function Refusal({ feed, facts: { phase } }: { feed: EventFeed; facts: FeedFacts }) {
  if (phase.phase !== "waiting" && phase.phase !== "denied") return null;
  return (
    <div className="banner" role="alert">
      <span>No events come: {phase.reason}.</span>
      <button type="button" className="button" onClick={() => feed.retryNow()}>
        Try now
      </button>
    </div>
  );
}

const TONES: Record<FeedFacts["phase"]["phase"], Tone> = { live: "ok", connecting: "warn", waiting: "bad", denied: "bad" };

function PhaseBadge({ facts: { phase }, now_ms, idle }: { facts: FeedFacts; now_ms: number; idle: boolean }) {
  const waits = phase.phase === "waiting" ? ` in ${Math.max(0, Math.ceil((phase.retry_at_ms - now_ms) / 1000))} s` : "";
  const text = { live: "live", connecting: idle ? "not connected" : "connecting", waiting: `reconnecting${waits}`, denied: "refused" }[phase.phase];
  return (
    <Badge tone={TONES[phase.phase]} title="This page's connection to the events">
      {text}
    </Badge>
  );
}
