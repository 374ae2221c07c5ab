// The two streams' phases and the source's state, as one word with a colour and one sentence.

import type { Phase } from "../stream/connection";
import type { Facts } from "../stream/live";
import type { Tone } from "./controls";
import { words } from "./format";

export interface ConnectionText {
  tone: Tone;
  label: string;
  /** The label without its countdown, for screen readers: it is read out at each change. */
  spoken: string;
  /** What else there is to say; also the banner's text when the connection is lost. */
  detail: string;
  /** Whether the page shows old data. */
  lost: boolean;
}

/** Without a frame for this long a live connection is called quiet, unless frames are rarer anyway. */
const QUIET_MS = 2000;

/** The worse of two phases tells what the viewer should know. */
function worse(one: Phase, other: Phase): Phase {
  const order = ["live", "connecting", "waiting", "denied"];
  return order.indexOf(one.phase) >= order.indexOf(other.phase) ? one : other;
}

export function connectionText(facts: Facts, now_ms: number): ConnectionText {
  const phase = worse(facts.phases.audio, facts.phases.spectral);
  switch (phase.phase) {
    case "connecting":
      return { tone: "warn", label: "connecting", spoken: "connecting", detail: "", lost: facts.head !== null };
    case "waiting": {
      const secs = Math.max(0, Math.ceil((phase.retry_at_ms - now_ms) / 1000));
      return { tone: "bad", label: `reconnecting in ${secs} s`, spoken: "reconnecting", detail: phase.reason, lost: true };
    }
    case "denied":
      return { tone: "bad", label: "signed out", spoken: "signed out", detail: phase.reason, lost: true };
    case "live":
      return quiet(facts, now_ms) ?? { tone: "ok", label: "live", spoken: "live", detail: "", lost: false };
  }
}

function quiet({ head }: Facts, now_ms: number): ConnectionText | null {
  if (head === null) return { tone: "warn", label: "no frame yet", spoken: "no frame yet", detail: "", lost: false };
  const silent_ms = now_ms - head.arrived_ms;
  if (silent_ms < Math.max(QUIET_MS, 3 * head.duration_ms)) return null;
  const label = `no frame for ${Math.floor(silent_ms / 1000)} s`;
  return { tone: "warn", label, spoken: "no frames", detail: "", lost: false };
}

const TONES: Record<string, Tone> = {
  running: "ok",
  starting: "info",
  finished: "info",
  silent: "warn",
  stalled: "bad",
  reopening: "warn",
  waiting_for_device: "warn",
  failed: "bad",
};

/** The source's state; unknown while there is no connection to tell it. */
export function stateText({ state }: Facts, lost: boolean): { tone: Tone; label: string; detail: string } {
  if (state === null || lost) return { tone: "plain", label: "source —", detail: "" };
  return { tone: TONES[state.state] ?? "plain", label: words(state.state), detail: state.reason?.message ?? "" };
}
