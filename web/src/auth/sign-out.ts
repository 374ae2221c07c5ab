// Leaving: by the user's wish, or because the server no longer knows the session.

import { api, ApiError } from "../api/client";
import { leaveFor } from "./leave";
import { loginPath } from "./next-path";
import { tellSession } from "./session-news";

/** Ends the session of all tabs and shows the login page; returns why it could not, which leaves all as it was. */
export async function signOut(): Promise<string | null> {
  try {
    await api.logout();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  tellSession("ended");
  leaveFor("/login", "assign");
  return null;
}

/** Whether what failed says that there is no session; any other failure says nothing of it. */
const isOver = (error: unknown) => error instanceof ApiError && error.status === 401;

/**
 * To the login page, and back here afterwards, when the question for the session failed because it is over. Tells whether
 * it did. No other answer decides that: the login page leads back to who has a session, and the two must not disagree.
 */
export function goToLoginIfOver(error: unknown): boolean {
  const over = isOver(error);
  if (over) leaveFor(loginPath(location), "assign");
  return over;
}

/** Something was denied: asks whether that is for want of a session, and goes to the login page then. */
export async function askSession(error: unknown): Promise<void> {
  if (isOver(error)) await api.session().then(() => {}, goToLoginIfOver);
}
