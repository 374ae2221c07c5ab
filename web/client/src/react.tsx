// Events in React: a provider for one connection, and hooks that hear while their component is there.

import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { Phase } from "./connection.js";
import { keyOf, type RealtimeEvent, type ServerEvents, type Subscription, subscriptionOf } from "./events.js";
import type { RealtimeAnalytics } from "./realtime.js";

/** As much of a client as hooks need, whatever events it knows. */
export type RealtimeClient = Pick<RealtimeAnalytics, "connectWebSocket" | "connectSSE" | "disconnect" | "watch" | "onPhase" | "phase">;

const RealtimeContext = createContext<RealtimeClient | null>(null);

export interface RealtimeProviderProps {
  client: RealtimeClient;
  /** Connects while the provider is there. Without it, connecting is up to the program. */
  connect?: "websocket" | "sse";
  /** What the connection is to have beside what hooks ask for: by WebSocket nothing unless given, by server-sent events all. */
  subscription?: Subscription;
  children?: ReactNode;
}

export function RealtimeProvider({ client, connect, subscription, children }: RealtimeProviderProps) {
  const key = subscription === undefined ? null : keyOf(subscription);
  useEffect(() => {
    if (connect === undefined) return;
    const wanted = key === null ? null : subscriptionOf(key);
    if (connect === "websocket") client.connectWebSocket(wanted);
    else client.connectSSE(wanted ?? {});
    return () => client.disconnect();
  }, [client, connect, key]);
  return <RealtimeContext.Provider value={client}>{children}</RealtimeContext.Provider>;
}

/** The provider's client. */
export function useRealtime(): RealtimeClient {
  const client = useContext(RealtimeContext);
  if (client === null) throw new Error("useRealtime needs a RealtimeProvider above it");
  return client;
}

export interface RealtimeEventsOptions {
  /** Events that are kept. */
  limit?: number;
}

/** Of what the server tells by itself, each name with its properties. */
export type ServerEvent<N extends keyof ServerEvents> = { [K in N]: RealtimeEvent<ServerEvents[K], K> }[N];

const NONE: RealtimeEvent[] = [];

/**
 * The newest events that are meant, the newest first: names, or a subscription. Subscribes anew when what is meant changes,
 * not when the same is written in another object. Filters, `environment` and `include_person` need a WebSocket (see `watch`).
 */
export function useRealtimeEvents<N extends keyof ServerEvents>(names: readonly N[], options?: RealtimeEventsOptions): ServerEvent<N>[];
export function useRealtimeEvents(wanted: readonly string[] | Subscription, options?: RealtimeEventsOptions): RealtimeEvent[];
export function useRealtimeEvents(wanted: readonly string[] | Subscription, { limit = 100 }: RealtimeEventsOptions = {}): RealtimeEvent[] {
  const client = useRealtime();
  const key = keyOf(isNames(wanted) ? { events: wanted } : wanted);
  const [heard, setHeard] = useState({ key, events: NONE });
  const kept = useRef(limit);
  useEffect(() => {
    kept.current = limit;
  }, [limit]);
  useEffect(() => {
    const hear = (event: RealtimeEvent) =>
      setHeard((before) => ({ key, events: [event, ...(before.key === key ? before.events : NONE)].slice(0, kept.current) }));
    return client.watch(subscriptionOf(key), hear);
  }, [client, key]);
  return heard.key === key ? heard.events : NONE;
}

/** What the connection does; null while there is none. */
export function useRealtimePhase(): Phase | null {
  const client = useRealtime();
  const subscribe = useCallback((told: () => void) => client.onPhase(told), [client]);
  return useSyncExternalStore(subscribe, () => client.phase, () => null);
}

const isNames = (wanted: readonly string[] | Subscription): wanted is readonly string[] => Array.isArray(wanted);
