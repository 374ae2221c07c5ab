// Entry: chooses the page by the address and wires the live view together.

import { createRoot } from "react-dom/client";
import { takeCode } from "./auth/code-login";
import { LoginPage } from "./auth/LoginPage";
import { DrawLoop } from "./plot/draw-loop";
import { FrameCost } from "./plot/frame-cost";
import { settings } from "./settings";
import { Live } from "./stream/live";
import { pageFeeds } from "./stream/page-feeds";
import { shareStreams } from "./stream/shared-streams";
import { startTheme } from "./theme";
import "./styles/index.css";
import { followAddress } from "./view-link";
import { LivePage } from "./views/LivePage";

startTheme();
const root = createRoot(document.getElementById("root") as HTMLElement);
if (location.pathname === "/login") root.render(<LoginPage code={takeCode()} />);
else root.render(livePage());

function livePage(): React.ReactNode {
  const perf = new URLSearchParams(location.search).has("perf");
  const link_problems = followAddress();
  return <LivePage live={startLive()} perf={perf} link_problems={link_problems} />;
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
