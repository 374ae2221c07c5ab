// The live view: charts on the left, numbers on the right.

import { useCallback, useEffect, useMemo, useState } from "react";
import { api } from "../api/client";
import type { Session, Version } from "../api/types";
import { NoPermission } from "../auth/NoPermission";
import { settings } from "../settings";
import { useStore } from "../store";
import type { Live } from "../stream/live";
import { ServerClock } from "../stream/server-clock";
import { type ConnectionText, connectionText, type SourceNotice, sourceNotice } from "./connection-text";
import { CrossPanel } from "./CrossPanel";
import { HelpDialog } from "./HelpDialog";
import { LevelsPanel } from "./LevelsPanel";
import { LinkNotice } from "./LinkNotice";
import { LockinPanel } from "./LockinPanel";
import { LossesPanel } from "./LossesPanel";
import { PerfCorner } from "./PerfCorner";
import { useShortcuts } from "./shortcuts";
import { SourcePanel } from "./SourcePanel";
import { SpectrumPanel } from "./SpectrumPanel";
import { StreamPanel } from "./StreamPanel";
import { TopBar } from "./TopBar";
import { useClipLevel } from "./use-clip-level";
import { useClock } from "./use-clock";
import { usePoll } from "./use-poll";
import { useRefused } from "./use-refused";
import { WaterfallCursor } from "./waterfall-cursor";
import { WaterfallPanel } from "./WaterfallPanel";
import { WaveformPanel } from "./WaveformPanel";

const STATS_MS = 1000;
const SOURCE_MS = 5000;
const CLOCK_MS = 10_000;

interface LivePageProps {
  live: Live;
  perf: boolean;
  /** What of the address was not followed. */
  link_problems: readonly string[];
}

export function LivePage(props: LivePageProps) {
  const refused = useRefused(props.live);
  return refused ? <NoPermission session={refused} /> : <LiveView {...props} />;
}

function LiveView({ live, perf, link_problems }: LivePageProps) {
  const facts = useStore(live.facts);
  const connection = connectionText(facts, useClock());
  const stats = usePoll(api.stats, STATS_MS, connection.lost);
  const [server_clock] = useState(() => new ServerClock(async (signal) => (await api.time(signal)).utc_us, Date.now));
  const clocks = usePoll(server_clock.ask, CLOCK_MS, connection.lost);
  const source_status = usePoll(api.source, SOURCE_MS, `${facts.head?.epoch} ${facts.state?.state}`);
  const source = source_status?.source ?? null;
  const { session, version } = useAccount();
  const { lockin, cross } = useStore(settings);
  const past = useMemo(() => new WaterfallCursor(live), [live]);
  const [help, setHelp] = useState(false);
  const openHelp = useCallback(() => setHelp(true), [setHelp]);
  useShortcuts(live, openHelp);
  useClipLevel(live, source);
  const notice = sourceNotice(facts, connection.lost);
  const stale = connection.lost || connection.silent || (facts.head !== null && notice !== null && !notice.ended);
  return (
    <>
      <TopBar {...{ live, facts, source, session, connection }} onHelp={openHelp} />
      {connection.lost && <LostBanner live={live} connection={connection} />}
      {notice && <NoticeBanner notice={notice} old={facts.head !== null} />}
      <LinkNotice problems={link_problems} />
      {facts.protocol && <p className="banner">The server sent what this page does not understand: {facts.protocol}</p>}
      <main className={`live ${stale ? "stale" : ""}`}>
        <div className={`charts ${lockin ? "with-lockin" : ""} ${cross ? "with-cross" : ""}`}>
          <WaveformPanel live={live} facts={facts} />
          <SpectrumPanel live={live} facts={facts} past={past} calibration={source_status?.calibration ?? null} />
          <WaterfallPanel live={live} facts={facts} cursor={past} />
          {lockin && <LockinPanel live={live} facts={facts} />}
          {cross && <CrossPanel live={live} facts={facts} />}
        </div>
        <div className="numbers">
          <LevelsPanel live={live} facts={facts} />
          <StreamPanel facts={facts} stats={stats} flowing={connection.flowing && notice === null} pace={source?.pace} clocks={clocks} />
          <SourcePanel source={source} stats={stats} />
          <LossesPanel facts={facts} stats={stats} />
        </div>
      </main>
      <HelpDialog open={help} version={version} onClose={() => setHelp(false)} />
      {perf && <PerfCorner cost={live.cost} />}
    </>
  );
}

function LostBanner({ live, connection }: { live: Live; connection: ConnectionText }) {
  return (
    <div className="banner">
      <span>
        The picture is old: {connection.detail || "the connection was lost"}. Connection: {connection.label}.
      </span>
      <button type="button" className="button" onClick={() => live.retryNow()}>
        Try now
      </button>
    </div>
  );
}

function NoticeBanner({ notice, old }: { notice: SourceNotice; old: boolean }) {
  return (
    <output className={`notice ${notice.tone}`}>
      <strong>{notice.title}</strong>
      <span>
        {notice.message} <code>{notice.code}</code>
      </span>
      {old && <span className="note">The picture is of the last samples that came.</span>}
    </output>
  );
}

function useAccount(): { session: Session | null; version: Version | null } {
  const [session, setSession] = useState<Session | null>(null);
  const [version, setVersion] = useState<Version | null>(null);
  useEffect(() => {
    // Both are only shown; where they are missing, nothing is.
    api.session().then(setSession, () => {});
    api.version().then(setVersion, () => {});
  }, []);
  return { session, version };
}
