// Which events are looked at, as the address of a view has it and as the server is asked.

import type { Subscription, SubscriptionFilter } from "@photophone/client";
import { OPERATORS } from "./filter-text";

export interface EventQuery {
  /** Names, `daemon.*` for all below; none for all. */
  events: string[];
  /** Empty for any, and so those below. */
  environment: string;
  filters: SubscriptionFilter[];
  /** Whom they are of. */
  distinct_id: string;
  /** RFC 3339. */
  since: string;
  until: string;
}

export const ALL_EVENTS: EventQuery = { events: [], environment: "", filters: [], distinct_id: "", since: "", until: "" };

/** Keys of the views' addresses. A view that does not follow the past has no use for the last three. */
export const LIVE_KEYS = ["events", "environment", "filter"] as const;
export const PAST_KEYS = [...LIVE_KEYS, "distinct_id", "since", "until"] as const;
type Key = (typeof PAST_KEYS)[number];

export function readQuery(search: string, keys: readonly Key[]): { query: EventQuery; problems: string[] } {
  const query = { ...ALL_EVENTS, filters: [] as SubscriptionFilter[] };
  const problems: string[] = [];
  for (const [name, text] of new URLSearchParams(search)) {
    if (!(keys as readonly string[]).includes(name)) problems.push(`“${shorten(name)}” is no part of this view`);
    else if (!take(query, name as Key, text)) problems.push(`“${name}” cannot be “${shorten(text)}”`);
  }
  return { query, problems };
}

/** Whether the text can be what is wanted; what the server has to judge can. */
function take(query: EventQuery, key: Key, text: string): boolean {
  if (key === "filter") {
    const filter = readFilter(text);
    if (filter) query.filters.push(filter);
    return filter !== null;
  }
  if ((key === "since" || key === "until") && Number.isNaN(Date.parse(text))) return false;
  if (key === "events") query.events = text.split(",").filter((name) => name !== "");
  else query[key] = text;
  return true;
}

function readFilter(text: string): SubscriptionFilter | null {
  try {
    const { property, operator, value } = JSON.parse(text) as Record<string, unknown>;
    const known = OPERATORS.find((each) => each.value === operator);
    if (typeof property !== "string" || known === undefined) return null;
    return value === undefined ? { property, operator: known.value } : { property, operator: known.value, value };
  } catch {
    return null;
  }
}

/** With "?", or empty for all events. `names_key`: what the names stand under, which the history calls `event`. */
export function queryText(query: EventQuery, names_key: "events" | "event" = "events", more: Record<string, string> = {}): string {
  const { events, filters, ...texts } = query;
  const parts = new URLSearchParams();
  if (events.length > 0) parts.set(names_key, events.join(","));
  for (const filter of filters) parts.append("filter", JSON.stringify(filter));
  for (const [key, text] of Object.entries({ ...texts, ...more })) if (text !== "") parts.set(key, text);
  return parts.size > 0 ? `?${parts}` : "";
}

export function subscriptionOf({ events, filters, environment }: EventQuery): Subscription {
  return { events, filters, ...(environment !== "" && { environment }) };
}

/** What a field for date and time of this place shows, to the second; empty for none. */
export function localTime(rfc3339: string): string {
  if (rfc3339 === "") return "";
  const time = new Date(rfc3339);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** RFC 3339 of what such a field holds. */
export function fromLocalTime(text: string): string {
  const time = new Date(text);
  return text === "" || Number.isNaN(time.getTime()) ? "" : time.toISOString();
}

const shorten = (text: string) => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
