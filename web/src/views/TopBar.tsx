// The bar on top: what is heard, in what state it and the connection are, and what one can do.

import type { Session, SourceInfo } from "../api/types";
import { SignOutButton } from "../auth/SignOutButton";
import { settings } from "../settings";
import { useStore } from "../store";
import type { Facts, Live } from "../stream/live";
import type { ConnectionText } from "./connection-text";
import { stateText } from "./connection-text";
import { Badge, Toggle, type Tone } from "./controls";
import { UNKNOWN } from "./format";
import { SaveMenu } from "./SaveMenu";
import { CLEARED } from "./shortcuts";
import { ThemeButton } from "./ThemeButton";
import { ViewNav } from "./ViewNav";

interface TopBarProps {
  live: Live;
  facts: Facts;
  source: SourceInfo | null;
  session: Session | null;
  connection: ConnectionText;
  onHelp: () => void;
}

export function TopBar({ live, facts, source, session, connection, onHelp }: TopBarProps) {
  const state = stateText(facts, connection.lost || connection.silent);
  return (
    <header className="top-bar">
      <h1>photophone</h1>
      <ViewNav />
      <span className="source-name" title={source?.id}>
        {source?.name ?? "—"}
      </span>
      <output className="sr-only">
        Source {state.label}, connection {connection.spoken}
        {facts.paused && ", picture paused"}
      </output>
      <div className="badges">
        <Badge tone={state.tone} title={`State of the source. ${state.detail}`}>
          {state.label}
          {state.detail && <span className="reason">: {state.detail}</span>}
        </Badge>
        <PathBadge source={source} />
        <Badge tone={connection.tone} title={`This page's connection. ${connection.detail}`}>
          {connection.label}
        </Badge>
        {facts.paused && (
          <Badge tone="info" title="The charts stand still; levels, counts and losses go on">
            picture paused
          </Badge>
        )}
      </div>
      <div className="actions">
        <Toggle pressed={facts.paused} title="Freeze the picture; nothing is lost meanwhile (Space)" onChange={(on) => live.pause(on)}>
          {facts.paused ? "Resume" : "Pause"}
        </Toggle>
        <button type="button" className="button" title={`Clear ${CLEARED} (C)`} onClick={() => live.clear()}>
          Clear
        </button>
        <PanelToggles />
        <SaveMenu live={live} source_name={source?.name ?? UNKNOWN} />
        <ThemeButton shortcut />
        <button type="button" className="button" title="Keys and meanings (?)" onClick={onHelp}>
          Help
        </button>
        <SignOutButton className="button" title={session ? `Signed in as ${session.subject}` : undefined} />
      </div>
    </header>
  );
}

const PATHS: Record<string, { tone: Tone; label: string }> = {
  bit_exact: { tone: "ok", label: "bit-exact" },
  converted: { tone: "warn", label: "converted" },
  unknown: { tone: "warn", label: "path unknown" },
};

function PathBadge({ source }: { source: SourceInfo | null }) {
  const integrity = source?.integrity;
  const path = integrity ? PATHS[integrity.path] : undefined;
  const title = `What happened to the samples on their way here. ${integrity?.how ?? integrity?.why ?? ""}`;
  return (
    <Badge tone={path?.tone ?? "plain"} title={title}>
      {path?.label ?? "path —"}
    </Badge>
  );
}

function PanelToggles() {
  const { lockin, cross } = useStore(settings);
  return (
    <>
      <Toggle pressed={lockin} title="Amplitude and phase at a reference (I)" onChange={(on) => settings.update({ lockin: on })}>
        Lock-in
      </Toggle>
      <Toggle pressed={cross} title="Cross-spectrum and coherence of both channels (X)" onChange={(on) => settings.update({ cross: on })}>
        Cross
      </Toggle>
    </>
  );
}
