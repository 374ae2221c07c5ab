// Tells the server which view is looked at, where whoever looks may tell events. Each tab is a session.

import { RealtimeAnalytics } from "@photophone/client";
import { api } from "../api/client";
import type { Session } from "../api/types";

const KEY = "photophone.session";

export const mayTell = ({ scopes }: Pick<Session, "scopes">) => scopes.includes("events:write") || scopes.includes("admin");

/** A view that is not counted harms nobody: that it failed is not told. */
export async function tellPageView(path: string, client: Pick<RealtimeAnalytics, "capture"> = new RealtimeAnalytics("")): Promise<void> {
  try {
    if (!mayTell(await api.session())) return;
    const session_id = sessionOfTab();
    await client.capture("$pageview", { path }, session_id === null ? {} : { session_id });
  } catch {
    // As above.
  }
}

/** Stays with the tab; null where the browser keeps nothing. */
function sessionOfTab(): string | null {
  try {
    const kept = sessionStorage.getItem(KEY);
    if (kept !== null) return kept;
    // Not randomUUID, which plain HTTP does not have.
    const made = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
    sessionStorage.setItem(KEY, made);
    return made;
  } catch {
    return null;
  }
}
