// Leaving: by the user's wish, or because the server no longer knows the session.

import { api, ApiError } from "../api/client";
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
  location.assign("/login");
  return null;
}

/** The session is over: to the login page, and back here afterwards. */
function goToLogin(): void {
  location.assign(loginPath(location));
}

/**
 * To the login page when what failed says that the session is over; any other failure says nothing of it. Tells whether it
 * did.
 */
export function goToLoginIfOver(error: unknown): boolean {
  const over = error instanceof ApiError && error.status === 401;
  if (over) goToLogin();
  return over;
}
