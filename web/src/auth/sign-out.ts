// Leaving: by the user's wish, or because the server no longer knows the session.

import { api, ApiError } from "../api/client";
import { loginPath } from "./next-path";

/** Ends the session and shows the login page. */
export async function signOut(): Promise<void> {
  // Without an answer the cookie stays; the login page then offers to go on, which tells the user.
  await api.logout().catch(() => {});
  location.assign("/login");
}

/** The session is over: to the login page, and back here afterwards. */
function goToLogin(): void {
  location.assign(loginPath(location));
}

/** To the login page when what failed says that the session is over; any other failure says nothing of it. */
export function goToLoginIfOver(error: unknown): void {
  if (error instanceof ApiError && error.status === 401) goToLogin();
}
