// Events as they are delivered, read from text that may be anything.

import type { RealtimeEvent } from "./events.js";

/** What came is not what the API promises. */
export class DeliveryError extends Error {}

/** An object; with a `type` of its own it is a word of the server, else an event. */
export function parse(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new DeliveryError(`not JSON: ${shortened(text)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new DeliveryError(`no object: ${shortened(text)}`);
  return value as Record<string, unknown>;
}

export function eventOf(value: Record<string, unknown>, place: string | null): RealtimeEvent {
  const { id, event, subscription_ids, properties } = value;
  if (typeof id !== "string" || typeof event !== "string") throw new DeliveryError("an event without id or name");
  if (!Array.isArray(subscription_ids)) throw new DeliveryError(`event ${id} without subscription_ids`);
  if (typeof properties !== "object" || properties === null) throw new DeliveryError(`event ${id} without properties`);
  return { ...(value as unknown as RealtimeEvent), place };
}

const shortened = (text: string) => (text.length > 80 ? `${text.slice(0, 80)}…` : text);
