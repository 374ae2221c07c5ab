// How long to wait before the next attempt to connect.

export const FIRST_MS = 250;
export const LONGEST_MS = 5000;

/**
 * Delay before attempt `attempt` (0 = the first after a loss): doubling from FIRST_MS to LONGEST_MS, of which a random
 * half is taken off, so that many tabs do not return to a restarted server in the same instant.
 */
export function backoff_ms(attempt: number, random: () => number): number {
  const full_ms = Math.min(FIRST_MS * 2 ** Math.min(attempt, 30), LONGEST_MS);
  return Math.max(FIRST_MS, full_ms * (1 - random() / 2));
}
