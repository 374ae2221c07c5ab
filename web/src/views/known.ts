// What is known of the signal before and after its first frame.

import type { Facts } from "../stream/live";

/** Channels of the newest frame; before one came, those that the server announced; null when nobody knows. */
export function knownChannels({ head, state }: Facts): number | null {
  return head?.channels ?? state?.channels ?? null;
}
