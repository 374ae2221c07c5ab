// The one subscription of a stream of server-sent events: what is asked for, and what its messages mean.

import type { Heard, Transport } from "./connection.js";
import { eventOf, parse } from "./delivery.js";
import { overEventStream, type ServerSentEvent } from "./event-stream.js";
import type { Lagged, RealtimeEvent, Subscription } from "./events.js";
import { isBehind } from "./place.js";
import { type Server, textOf } from "./server.js";

/** Says why the server is about to end the stream. */
const FAREWELLS = new Set(["shutdown", "reauth", "end"]);

export interface Listener {
  onEvent: (event: RealtimeEvent) => void;
  onLagged: (lagged: Lagged) => void;
  /** The server sent or refused what the API does not promise. */
  onProblem: (problem: Error) => void;
}

export class EventSourceSubscription {
  readonly transport: Transport<ServerSentEvent>;
  private place: string | null = null;
  private was_open = false;

  constructor(server: Server, subscription: Subscription, private readonly listener: Listener) {
    this.transport = overEventStream({
      server,
      path: pathOf(subscription),
      last_id: () => this.place,
      onOpen: () => this.opened(),
      onIdRefused: () => (this.place = null),
    });
  }

  hear({ name, id, data }: ServerSentEvent): Heard {
    if (data === null) return "word";
    try {
      return this.take(name, id, parse(data));
    } catch (error) {
      this.listener.onProblem(error instanceof Error ? error : new Error(textOf(error)));
      return "word";
    }
  }

  private take(name: string | null, id: string | null, value: Record<string, unknown>): Heard {
    if (name !== null && FAREWELLS.has(name)) return { farewell: textOf(value["reason"] ?? name) };
    if (name === "lagged") {
      this.place = id ?? this.place;
      this.listener.onLagged({ missed: typeof value["missed"] === "number" ? value["missed"] : null });
      return "data";
    }
    if (name !== null || "type" in value) return "word";
    const event = eventOf(value, id);
    if (id !== null && !isBehind(id, this.place)) return "data";
    this.place = id ?? this.place;
    this.listener.onEvent(event);
    return "data";
  }

  /** Without the place of an event there is nothing to resume from: what happened meanwhile is not known. */
  private opened(): void {
    if (this.was_open && this.place === null) this.listener.onLagged({ missed: null });
    this.was_open = true;
  }
}

function pathOf({ events = [], filters = [], environment, include_person = false }: Subscription): string {
  if (include_person) throw new TypeError("include_person: server-sent events carry no persons; use connectWebSocket");
  const query = new URLSearchParams();
  if (events.length > 0) query.set("events", events.join(","));
  if (environment !== undefined) query.set("environment", environment);
  for (const filter of filters) query.append("filter", JSON.stringify(filter));
  return `/api/realtime/sse${query.size > 0 ? `?${query}` : ""}`;
}
