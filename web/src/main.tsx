// Entry: chooses the view by the address and wires its parts together.

import { RealtimeAnalytics } from "@photophone/client";
import { createRoot } from "react-dom/client";
import { api } from "./api/client";
import { takeCode } from "./auth/code-login";
import { LoginPage } from "./auth/LoginPage";
import { EventFeed } from "./events/event-feed";
import { EventLog } from "./events/event-log";
import { ALL_EVENTS, LIVE_KEYS, PAST_KEYS, readQuery } from "./events/event-query";
import { Explorer } from "./events/explorer";
import { tellPageView } from "./events/page-view";
import { DrawLoop } from "./plot/draw-loop";
import { FrameCost } from "./plot/frame-cost";
import { settings } from "./settings";
import { Live } from "./stream/live";
import { pageFeeds } from "./stream/page-feeds";
import { shareStreams } from "./stream/shared-streams";
import { startTheme } from "./theme";
import "./styles/index.css";
import { followAddress } from "./view-link";
import { EventsLivePage } from "./views/EventsLivePage";
import { ExplorerPage } from "./views/ExplorerPage";
import { LivePage } from "./views/LivePage";

/** Events that the list of the live view begins with. */
const BEGINS_WITH = 200;

const VIEWS: Record<string, () => React.ReactNode> = { "/live": eventsLivePage, "/events": explorerPage };

startTheme();
const root = createRoot(document.getElementById("root") as HTMLElement);
if (location.pathname === "/login") root.render(<LoginPage code={takeCode()} />);
else {
  void tellPageView(location.pathname);
  root.render((VIEWS[location.pathname] ?? livePage)());
}

function livePage(): React.ReactNode {
  const perf = new URLSearchParams(location.search).has("perf");
  const link_problems = followAddress();
  return <LivePage live={startLive()} perf={perf} link_problems={link_problems} />;
}

function eventsLivePage(): React.ReactNode {
  const { query, problems } = readQuery(location.search, LIVE_KEYS);
  const log = new EventLog();
  const feed = new EventFeed({
    client: new RealtimeAnalytics(""),
    log,
    past: async ({ events = [], filters = [], environment = "" }, signal) => {
      const asked = { ...ALL_EVENTS, events: [...events], filters: [...filters], environment };
      const page = await api.events(asked, { limit: BEGINS_WITH, signal });
      return { events: page.events, more: page.cursor !== null };
    },
  });
  return <EventsLivePage feed={feed} log={log} query={query} link_problems={problems} />;
}

function explorerPage(): React.ReactNode {
  const { query, problems } = readQuery(location.search, PAST_KEYS);
  const explorer = new Explorer((asked, more) => api.events(asked, more));
  return <ExplorerPage explorer={explorer} query={query} link_problems={problems} />;
}

function startLive(): Live {
  const cost = new FrameCost();
  const loop = new DrawLoop(cost);
  // Charts look the settings up while they draw.
  settings.subscribe(() => loop.invalidate());
  const worker = new Worker(new URL("./stream/worker.ts", import.meta.url), { type: "module", name: "view" });
  shareStreams(worker);
  const { span_ms, trigger, scale, lo_hz, hi_hz, hold, hold_min, spectra_per_row, lockin_span_s } = settings.get();
  const live = new Live(worker, loop, cost, {
    feeds: pageFeeds(settings.get()),
    wave: { span_ms, trigger, columns: 800 },
    spectrum: { scale, lo_hz, hi_hz, hold, hold_min, columns: 800 },
    spectra_per_row,
    lockin_span_s,
    clip: null,
  });
  settings.subscribe(() => live.show({ feeds: pageFeeds(settings.get()) }));
  return live;
}
