// Login by the one-time link: the code is posted by script, so that link previews and prefetching do not use it up.

import { api, ApiError } from "../api/client";

/** Takes the code out of the address bar, so that it stays in no history; null when there is none. */
export function takeCode(): string | null {
  const url = new URL(location.href);
  const code = url.searchParams.get("code");
  if (code === null) return null;
  url.searchParams.delete("code");
  history.replaceState(null, "", url.pathname + url.search);
  return code;
}

/** Exchanges the code for a session; the text says what went wrong, null that nothing did. */
export async function loginWithCode(code: string): Promise<string | null> {
  try {
    await api.loginWithCode(code);
    return null;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return error.message;
  }
}
