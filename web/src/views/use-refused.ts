// What follows when the connection is denied: the login page, the page that tells what is missing, or another attempt.

import type { Phase } from "@photophone/client/parts";
import { useEffect, useState } from "react";
import { api } from "../api/client";
import type { Session } from "../api/types";
import { goToLoginIfOver } from "../auth/sign-out";
import { useStore, type Watched } from "../store";

/** What is connected, and may be denied that. */
export interface Connected {
  facts: Watched<{ phase: Phase }>;
  retryNow: () => void;
}

/** Pause before the attempt with a session that holds after all; a proxy may go on to deny only the streams. */
const RETRY_MS = 1000;
/** Pause before the session is asked for again, when there was no answer that says anything of it. */
const ASK_AGAIN_MS = 5000;

/**
 * The session that lacks the permission to see this; null while none does, as after a login in another tab. Without a
 * session one is sent to log in.
 */
export function useRefused(live: Connected): Session | null {
  const [refused, setRefused] = useState<Session | null>(null);
  const code = denial(useStore(live.facts));
  useEffect(() => {
    if (code === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let ended = false;
    const held = (session: Session) => {
      if (ended) return;
      if (code === "scope_missing") setRefused(session);
      // It was renewed between the two questions, as by a login in another tab.
      else timer = setTimeout(() => live.retryNow(), RETRY_MS);
    };
    const failed = (error: unknown) => {
      if (!ended && !goToLoginIfOver(error)) timer = setTimeout(ask, ASK_AGAIN_MS);
    };
    const ask = () => void api.session().then(held, failed);
    ask();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [live, code]);
  useEffect(() => live.facts.subscribe(() => live.facts.get().phase.phase === "live" && setRefused(null)), [live]);
  return refused;
}

/** Refused for what was asked, whoever asks. */
const OF_THE_QUESTION: ReadonlySet<string> = new Set(["query_invalid", "query_unknown", "subscription_invalid"]);

const denial = ({ phase }: { phase: Phase }) => (phase.phase === "denied" && !OF_THE_QUESTION.has(phase.code) ? phase.code : null);
