// The events of a subscription as they come, into a list: connected while the page is seen. Browsers allow six connections
// to a server over all tabs, and this one is counted among them.

import type { Lagged, RealtimeAnalytics, RealtimeEvent, Subscription } from "@photophone/client";
import type { Phase } from "@photophone/client/parts";
import type { LabEvent } from "../api/types";
import { Store } from "../store";
import type { EventLog } from "./event-log";

type Client = Pick<RealtimeAnalytics, "connectSSE" | "disconnect" | "on" | "onLagged" | "onPhase" | "onProblem" | "retryNow">;

export interface EventFeedOptions {
  client: Client;
  log: EventLog;
  /** What has happened, the newest first, and whether there is more. */
  past: (subscription: Subscription, signal: AbortSignal) => Promise<{ events: LabEvent[]; more: boolean }>;
}

export interface FeedFacts {
  phase: Phase;
  /** Why the past is not in the list, or what the server should not have sent. */
  fault: string | null;
}

export class EventFeed {
  readonly facts = new Store<FeedFacts>({ phase: { phase: "connecting" }, fault: null });
  private subscription: Subscription | null = null;
  private seen = false;
  /** Of the connection at hand. */
  private current = new AbortController();
  private filled = false;

  constructor(private readonly options: EventFeedOptions) {
    const { client, log } = options;
    client.on("*", (event: RealtimeEvent) => log.add(event));
    client.onLagged(({ missed }: Lagged) => log.miss(missed, "server"));
    client.onPhase((phase) => phase && this.change(phase));
    client.onProblem((problem) => this.facts.update({ fault: problem.message }));
  }

  /** Follows these events and no others; none while it is null. */
  follow(subscription: Subscription | null): void {
    this.subscription = subscription;
    this.options.log.clear();
    this.connect();
  }

  /** Whether anybody sees the list. */
  show(seen: boolean): void {
    if (seen === this.seen) return;
    this.seen = seen;
    this.connect();
  }

  retryNow(): void {
    this.options.client.retryNow();
  }

  /** Server-sent events have one subscription from their beginning on: for another it connects anew. */
  private connect(): void {
    this.current.abort();
    this.current = new AbortController();
    this.filled = false;
    this.facts.set({ phase: { phase: "connecting" }, fault: null });
    if (this.seen && this.subscription) this.options.client.connectSSE(this.subscription);
    else this.options.client.disconnect();
  }

  private change(phase: Phase): void {
    this.facts.update({ phase });
    // What happens from here on comes by itself; what came before is fetched once. A client that was cut off goes on where it was.
    if (phase.phase !== "live" || this.filled) return;
    this.filled = true;
    void this.fill(this.current.signal);
  }

  private async fill(signal: AbortSignal): Promise<void> {
    if (!this.subscription) return;
    try {
      const { events, more } = await this.options.past(this.subscription, signal);
      if (!signal.aborted) this.options.log.takePast(events, more);
    } catch (error) {
      if (signal.aborted) return;
      this.facts.update({ fault: `what came before is missing: ${error instanceof Error ? error.message : String(error)}` });
    }
  }
}
