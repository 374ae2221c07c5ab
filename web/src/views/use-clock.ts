// The time, for texts that count seconds.

import { useEffect, useState } from "react";

const PERIOD_MS = 500;

/** Unix milliseconds, renewed twice a second. */
export function useClock(): number {
  const [now_ms, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), PERIOD_MS);
    return () => clearInterval(timer);
  }, []);
  return now_ms;
}
