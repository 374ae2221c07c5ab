// What other tabs tell of the session that they share.

import { useEffect, useRef } from "react";
import { api } from "../api/client";
import { onSessionNews } from "../auth/session-news";
import { goToLoginIfOver } from "../auth/sign-out";

/** To the login page when the session has ended; `onBegun` when there is another. */
export function useSessionNews(onBegun: () => void): void {
  const begun = useRef(onBegun);
  useEffect(() => {
    begun.current = onBegun;
  }, [onBegun]);
  useEffect(
    () => onSessionNews((news) => (news === "begun" ? begun.current() : void api.session().catch(goToLoginIfOver))),
    [],
  );
}
