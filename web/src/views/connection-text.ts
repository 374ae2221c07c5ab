// The connection's phase and the source's state, as one word with a colour and one sentence.

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
  /** Whether the connection is lost, so that the page shows old data. */
  lost: boolean;
  /** Whether frames come at the moment. */
  flowing: boolean;
  /** Whether frames ceased without a word: what is shown is old, and the source's state unknown. */
  silent: boolean;
}

/** Why the source delivers nothing, in full. */
export interface SourceNotice {
  tone: Tone;
  title: string;
  message: string;
  code: string;
  /** Whether it delivered all that it had: its last picture is then not old, but final. */
  ended: boolean;
}

/** Without a frame for this long a live connection is called quiet, unless frames are rarer anyway. */
const QUIET_MS = 2000;

export function connectionText(facts: Facts, now_ms: number): ConnectionText {
  const { phase } = facts;
  const text = { tone: "bad", detail: "", lost: true, flowing: false, silent: false } as const;
  switch (phase.phase) {
    case "connecting":
      return { ...text, tone: "warn", label: "connecting", spoken: "connecting", lost: facts.head !== null };
    case "waiting": {
      const secs = Math.max(0, Math.ceil((phase.retry_at_ms - now_ms) / 1000));
      return { ...text, label: `reconnecting in ${secs} s`, spoken: "reconnecting", detail: phase.reason };
    }
    case "denied":
      return { ...text, label: "signed out", spoken: "signed out", detail: phase.reason };
    case "live":
      return quiet(facts, now_ms) ?? { ...text, tone: "ok", label: "live", spoken: "live", lost: false, flowing: true };
  }
}

function quiet({ head, state }: Facts, now_ms: number): ConnectionText | null {
  const text = { tone: "warn", detail: "", lost: false, flowing: false, silent: false } as const;
  if (head === null) return { ...text, label: "no frame yet", spoken: "no frame yet" };
  const silent_ms = now_ms - head.arrived_ms;
  if (silent_ms < Math.max(QUIET_MS, 3 * head.duration_ms)) return null;
  const label = `no frame for ${Math.floor(silent_ms / 1000)} s`;
  return { ...text, label, spoken: "no frames", silent: state === null || FLOWING.has(state.state) };
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

/** States in which samples come, so that there is nothing to explain at length. */
export const FLOWING = new Set(["running", "silent"]);

/** The source's state; `unknown` while nobody tells it. What is told at length has no detail here. */
export function stateText({ state }: Facts, unknown: boolean): { tone: Tone; label: string; detail: string } {
  if (state === null || unknown) return { tone: "plain", label: "source —", detail: "" };
  const detail = FLOWING.has(state.state) ? (state.reason?.message ?? "") : "";
  return { tone: TONES[state.state] ?? "plain", label: words(state.state), detail };
}

/** What to say about a source that delivers nothing; null while it does, and while there is no connection to tell it. */
export function sourceNotice({ state }: Facts, lost: boolean): SourceNotice | null {
  if (lost || !state?.reason || FLOWING.has(state.state)) return null;
  return { tone: TONES[state.state] ?? "plain", title: `Source ${words(state.state)}`, ...state.reason, ended: state.state === "finished" };
}
