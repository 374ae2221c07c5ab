// What the server says happened: shapes of docs/events.md.

import type { GapEvent, StateEvent } from "./feed-events.js";

/** What an event says beyond its name. */
export type Properties = Record<string, unknown>;

/** Names of events, and the properties of each. */
export type EventMap = Record<string, object>;

/** One thing that happened. */
export interface RealtimeEvent<P extends object = Properties, N extends string = string> {
  /** Names this event and no other. */
  id: string;
  event: N;
  /** Whom it is of. */
  distinct_id: string;
  /** RFC 3339. */
  timestamp: string;
  properties: P;
  session_id: string | null;
  environment: string;
  /** Of the subscriptions that it came for. */
  subscription_ids: string[];
  /** Of a subscription with `include_person`: what is known of whom it is of. */
  person?: unknown;
  /** `<run>:<number>`: where it stands among all events; null where the server did not say. */
  place: string | null;
}

export type FilterOperator =
  | "equals" | "not_equals" | "in" | "contains" | "starts_with" | "regex" | "gt" | "gte" | "lt" | "lte" | "is_set" | "is_not_set";

/** Holds or not of an event's property; the server decides. */
export interface SubscriptionFilter {
  property: string;
  operator: FilterOperator;
  value?: unknown;
}

/** Which events are meant. */
export interface Subscription {
  id?: string;
  /** Names; `daemon.*` for all below; none for all. */
  events?: readonly string[];
  /** All must hold. */
  filters?: readonly SubscriptionFilter[];
  include_person?: boolean;
  /** Only this one. */
  environment?: string;
}

/** A viewer of a feed, as `/api/audio/stream/viewers` has it, without the address. */
export interface ViewerProperties {
  viewer: number;
  subject: string;
  feed: number;
  kind: string;
  parameters: string;
  form: string;
  since_us: number;
  events: number;
  bytes: number;
  idle_secs: number;
  gone: { at_us: number; reason: string } | null;
}

type Nothing = Record<string, never>;

/**
 * What the server tells by itself; a type alias, as interfaces are no maps. A program adds its own:
 * `RealtimeAnalytics<ServerEvents & { "door.opened": { by: string } }>`.
 */
export type ServerEvents = {
  "daemon.state": StateEvent;
  "device.lost": StateEvent;
  "device.found": StateEvent;
  "stream.gap": GapEvent;
  "source.xrun": GapEvent;
  "source.clipping": { epoch: string; first_sample: number; frame_number: number };
  "viewer.joined": ViewerProperties;
  "viewer.left": ViewerProperties;
  "user.joined": Nothing;
  "user.left": Nothing;
  "auth.login": Nothing;
  "config.reloaded": { changed: string[]; needs_restart: string[] };
};

/** What is captured: `event` is needed, the server fills in the rest. */
export interface CapturedEvent {
  event: string;
  /** An id that was sent before is not published again. */
  id?: string;
  properties?: object;
  /** RFC 3339. */
  timestamp?: string;
  /** Another one than the token's subject needs the scope `admin`. */
  distinct_id?: string;
  session_id?: string;
  environment?: string;
}

export interface CaptureAnswer {
  /** Ids of those that were taken. */
  accepted: string[];
  rejected: { index: number; id: string | null; code: string; message: string }[];
}

/** Events that did not come; `missed` is null where nobody knows how many. */
export interface Lagged {
  missed: number | null;
}

/** Whether a list of names, as subscriptions have it, means this event. */
export function means(names: readonly string[], event: string): boolean {
  return names.length === 0 || names.some((name) => name === event || (name.endsWith(".*") && event.startsWith(name.slice(0, -1))));
}

/** Equal for subscriptions that are written alike, whatever objects they are; their id is no part of it. */
export function keyOf({ events = [], filters = [], include_person = false, environment }: Subscription): string {
  const told = filters.map(({ property, operator, value }) => ({ property, operator, value }));
  return JSON.stringify({ events, filters: told, include_person, environment });
}

/** The subscription of a key. */
export const subscriptionOf = (key: string) => JSON.parse(key) as Subscription;
