// The lab's events as they happen, over WebSocket or server-sent events, and events of one's own.

import { ApiError } from "./api-error.js";
import { Connection, type Heard, type Phase, type Transport } from "./connection.js";
import { EventSourceSubscription } from "./event-source.js";
import {
  type CaptureAnswer, type CapturedEvent, type EventMap, keyOf, type Lagged, means, type RealtimeEvent, type ServerEvents,
  type Subscription,
} from "./events.js";
import { Listeners } from "./listeners.js";
import { RecentIds } from "./recent-ids.js";
import { Server, type ServerOptions } from "./server.js";
import { overSocket, type SocketLike } from "./socket.js";
import { DEFAULT, SocketSubscriptions } from "./socket-subscriptions.js";
import { newId } from "./uuid.js";

const URL_OF_THE_SOCKET = "/api/realtime/ws";

export interface RealtimeOptions extends ServerOptions {
  /** Opens a WebSocket with these headers, which a browser's own cannot send: `(url, headers) => new WebSocket(url, { headers })` of `ws`. */
  webSocket?: (url: string, headers: Record<string, string>) => SocketLike;
  /** For the jitter of reconnecting, from 0 to 1. */
  random?: () => number;
  now_ms?: () => number;
}

type NameIn<E> = keyof E & string;
type Callback<P extends object, N extends string> = (event: RealtimeEvent<P, N>) => void;

interface Watch {
  subscription: Subscription;
  /** Of the subscription at the server. */
  id: string;
  watchers: number;
}

/** Names of what is told beside events. */
const [PHASE, LAGGED, PROBLEM] = ["phase", "lagged", "problem"] as const;

export class RealtimeAnalytics<Events extends EventMap = ServerEvents> {
  private readonly server: Server;
  private readonly events = new Listeners<RealtimeEvent>((error) => this.problem(error));
  private readonly watched = new Listeners<RealtimeEvent>((error) => this.problem(error));
  private readonly told = new Listeners<unknown>(throwLater);
  /** By what they mean: equal ones are one at the server. */
  private readonly watches = new Map<string, Watch>();
  private seen = new RecentIds();
  private connection: { stop(): void; retryNow(): void } | null = null;
  /** Null unless connected by WebSocket. */
  private socket: SocketSubscriptions | null = null;
  private by_sse = false;
  private last_phase: Phase | null = null;
  private last_watch = 0;

  /** `base_url` as `http://lab:8080`; empty for the page's own server. */
  constructor(base_url: string, private readonly options: RealtimeOptions = {}) {
    this.server = new Server(base_url, options);
  }

  /** What the connection does at the moment; null while there is none. */
  get phase(): Phase | null {
    return this.last_phase;
  }

  /** Stays connected until `disconnect`. Without a subscription all events come; with null only those that are watched. */
  connectWebSocket(subscription: Subscription | null = {}): void {
    const { webSocket } = this.options;
    if (this.server.hasToken && webSocket === undefined) {
      throw new TypeError("a browser's WebSocket sends no token: use connectSSE, leave out the token on the server's own page, or give `webSocket`");
    }
    this.disconnect();
    const socket = new SocketSubscriptions({
      onEvent: (event, ids) => this.dispatch(event, ids),
      onLagged: (lagged) => this.told.tell(LAGGED, lagged),
      onProblem: (problem) => this.problem(problem),
    });
    this.socket = socket;
    if (subscription !== null) socket.set(subscription.id ?? DEFAULT, subscription);
    for (const watch of this.watches.values()) socket.set(watch.id, watch.subscription);
    const transport = overSocket({
      open: () => this.openSocket(),
      onOpen: (opened) => socket.connected(opened),
      question: async () => ({ url: this.server.url(URL_OF_THE_SOCKET), headers: await this.server.authorization() }),
      fetch: this.server.fetch,
    });
    this.connect(transport, (data) => socket.hear(data), () => socket.disconnected());
  }

  /** Stays connected until `disconnect`. Without a subscription all events come. */
  connectSSE(subscription: Subscription = {}): void {
    for (const { subscription: watched } of this.watches.values()) needNamesOnly(watched);
    const stream = new EventSourceSubscription(this.server, subscription, {
      onEvent: (event) => this.dispatch(event, event.subscription_ids),
      onLagged: (lagged) => this.told.tell(LAGGED, lagged),
      onProblem: (problem) => this.problem(problem),
    });
    this.disconnect();
    this.by_sse = true;
    this.connect(stream.transport, (data) => stream.hear(data), () => {});
  }

  /** Ends the connection. Who listens stays, and hears again once it is connected anew. */
  disconnect(): void {
    this.connection?.stop();
    this.connection = null;
    this.socket = null;
    this.by_sse = false;
    this.seen = new RecentIds();
    if (this.last_phase === null) return;
    this.last_phase = null;
    this.told.tell(PHASE, null);
  }

  /** Tries again at once what waits or was denied. */
  retryNow(): void {
    this.connection?.retryNow();
  }

  /** Hears of events of this name, `daemon.*` of all below, `*` of all, as far as they come; until the returned function is called. */
  on<N extends NameIn<Events>>(event: N, callback: Callback<Events[N], N>): () => void;
  on(event: string, callback: (event: RealtimeEvent) => void): () => void;
  on(event: string, callback: never): () => void {
    return this.events.add(event, callback);
  }

  /**
   * Has a subscription of its own until the returned function is called, equal ones sharing one. By server-sent events, which
   * have one subscription for all, only names can be given, and come as far as the connection has them.
   */
  watch(subscription: Subscription, callback: (event: RealtimeEvent) => void): () => void {
    if (this.by_sse) needNamesOnly(subscription);
    const key = keyOf(subscription);
    const watch = this.watches.get(key) ?? this.newWatch(key, subscription);
    watch.watchers++;
    const remove = this.watched.add(watch.id, callback);
    let over = false;
    return () => {
      if (over) return;
      over = true;
      remove();
      if (--watch.watchers > 0) return;
      this.watches.delete(key);
      this.socket?.drop(watch.id);
    };
  }

  /** Told at each change; null once it is disconnected. */
  onPhase(callback: (phase: Phase | null) => void): () => void {
    return this.told.add(PHASE, callback as (told: unknown) => void);
  }

  /** Told when events did not come, before the next one that does. */
  onLagged(callback: (lagged: Lagged) => void): () => void {
    return this.told.add(LAGGED, callback as (told: unknown) => void);
  }

  /**
   * Told of subscriptions that the server refuses, of what it should not have sent, and of listeners that threw. What nobody
   * hears of here is thrown, as Node.js does with `error` events.
   */
  onProblem(callback: (problem: Error) => void): () => void {
    return this.told.add(PROBLEM, callback as (told: unknown) => void);
  }

  /** Tells everybody; gives the event's id. To try again after a failure give the same `id`: it is then published once. */
  async capture(event: string, properties: object = {}, more: Omit<CapturedEvent, "event" | "properties"> = {}): Promise<string> {
    const id = more.id ?? newId();
    await this.server.post<CaptureAnswer>("/api/realtime/capture", { ...more, id, event, properties });
    return id;
  }

  /** Up to 1000 at once; one that is wrong keeps no other from being taken. */
  async captureBatch(events: readonly CapturedEvent[]): Promise<CaptureAnswer> {
    const batch = events.map((event) => ({ ...event, id: event.id ?? newId() }));
    return await this.server.post("/api/realtime/batch", { batch });
  }

  private newWatch(key: string, subscription: Subscription): Watch {
    const watch = { subscription, id: `watch-${++this.last_watch}`, watchers: 0 };
    this.watches.set(key, watch);
    this.socket?.set(watch.id, subscription);
    return watch;
  }

  private async openSocket(): Promise<SocketLike> {
    const url = this.server.socketUrl(URL_OF_THE_SOCKET);
    if (this.options.webSocket === undefined) return new WebSocket(url);
    return this.options.webSocket(url, await this.server.authorization());
  }

  private connect<T>(transport: Transport<T>, onMessage: (data: T) => Heard, onLoss: () => void): void {
    const { random, now_ms } = this.options;
    const connection: Connection<T> = new Connection({
      transport,
      // A callback may have ended the connection while more of what came with it is read.
      onMessage: (data) => (this.connection === connection ? onMessage(data) : "word"),
      onPhase: (phase) => {
        if (this.connection !== connection) return;
        if (phase.phase !== "live") onLoss();
        this.last_phase = phase;
        this.told.tell(PHASE, phase);
      },
      ...(random && { random }),
      ...(now_ms && { now_ms }),
    });
    this.connection = connection;
    void connection.run();
  }

  private dispatch(event: RealtimeEvent, ids: string[]): void {
    if (this.by_sse) this.tellNamed(event);
    else for (const id of ids) this.watched.tell(id, event);
    if (!this.seen.add(event.id)) return;
    for (const name of this.events.names()) if (name === "*" || means([name], event.event)) this.events.tell(name, event);
  }

  private tellNamed(event: RealtimeEvent): void {
    for (const { id, subscription } of this.watches.values()) if (means(subscription.events ?? [], event.event)) this.watched.tell(id, event);
  }

  private problem(error: unknown): void {
    const problem = error instanceof Error ? error : new ApiError("thrown", String(error), 0);
    if (this.told.names().includes(PROBLEM)) this.told.tell(PROBLEM, problem);
    else throwLater(problem);
  }
}

function needNamesOnly({ filters = [], environment, include_person = false }: Subscription): void {
  if (filters.length === 0 && environment === undefined && !include_person) return;
  throw new TypeError("by server-sent events only names can be watched: give filters, environment and include_person over connectWebSocket, or filters to connectSSE");
}

/** For the program to see as what it is: nobody else wants to hear of it. */
function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
