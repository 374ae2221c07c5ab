// Goes from this page to another address, once: everything that finds the session over or begun wants to, and would stop
// the navigation that is under way for its own, under which tabs of Chromium 156 crash now and then.

/** A navigation that takes longer, or was stopped by the user, may be begun anew. */
const UNDER_WAY_MS = 10_000;

let left_ms = Number.NEGATIVE_INFINITY;

/** `replace`: this page does not stay in the tab's history. */
export function leaveFor(address: string, how: "assign" | "replace"): void {
  const now_ms = performance.now();
  if (now_ms - left_ms < UNDER_WAY_MS) return;
  left_ms = now_ms;
  location[how](address);
}
