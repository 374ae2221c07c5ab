// Asks the API again and again while the page is visible.

import { useEffect, useState } from "react";
import { askSession } from "../auth/sign-out";

/**
 * The newest answer, or null before the first and while the server does not answer: old numbers must not look new.
 * A change of `key` asks at once.
 */
export function usePoll<T>(ask: (signal: AbortSignal) => Promise<T>, period_ms: number, key: unknown): T | null {
  const [value, setValue] = useState<T | null>(null);
  useEffect(() => {
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const round = async () => {
      const next = document.hidden ? undefined : await answer(ask, controller.signal);
      // A newer round has begun, whose answer counts.
      if (controller.signal.aborted) return;
      if (next !== undefined) setValue(next);
      timer = setTimeout(round, period_ms);
    };
    void round();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- a new key asks at once
  }, [ask, period_ms, key]);
  return value;
}

async function answer<T>(ask: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T | null> {
  try {
    return await ask(signal);
  } catch (error) {
    if (!signal.aborted) await askSession(error);
    return null;
  }
}
