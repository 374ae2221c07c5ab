// One stream kept open: reads it, waits after a loss, opens it again, and says at each moment which of these it does.

import type { EventSourceMessage } from "eventsource-parser";
import { backoff_ms } from "./backoff";
import { readEvents } from "./sse";

/** Silence after which a stream is taken for dead. Longer than the server's default heartbeat of 5 s by far. */
const IDLE_MS = 30_000;

export type Phase =
  | { phase: "connecting" }
  | { phase: "live" }
  /** Lost; the next attempt is at `retry_at_ms` (Unix milliseconds of this machine). */
  | { phase: "waiting"; reason: string; retry_at_ms: number }
  /** Refused for want of a session or scope; no further attempts. `code` as the API has it. */
  | ({ phase: "denied" } & Denial);

interface Denial {
  code: string;
  reason: string;
}

export interface ConnectionOptions {
  url: string;
  onEvent: (event: EventSourceMessage) => void;
  onPhase: (phase: Phase) => void;
  /** The server sent what the API does not promise, or what this page cannot take. */
  onProblem: (message: string) => void;
  fetch?: typeof fetch;
  random?: () => number;
  now_ms?: () => number;
}

export class Connection {
  private readonly fetch: typeof fetch;
  private readonly random: () => number;
  private readonly now_ms: () => number;
  private attempt = 0;
  private current: AbortController | null = null;
  private wake: (() => void) | null = null;
  /** Reason that the server itself gave for ending the stream; more telling than "the stream ended". */
  private farewell: string | null = null;
  private denial: Denial | null = null;

  constructor(private readonly options: ConnectionOptions) {
    this.fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.random = options.random ?? Math.random;
    this.now_ms = options.now_ms ?? Date.now;
  }

  /** Runs until the server denies access. */
  async run(): Promise<void> {
    for (;;) {
      this.options.onPhase({ phase: "connecting" });
      this.farewell = null;
      const controller = (this.current = new AbortController());
      const end = await readEvents({
        url: this.options.url,
        signal: controller.signal,
        fetch: this.fetch,
        idle_ms: IDLE_MS,
        onEvent: (event) => this.receive(event),
      });
      if (end.kind === "denied") return this.giveUp(end);
      if (this.denial !== null) return this.giveUp(this.denial);
      if (end.kind === "unreadable") this.options.onProblem(end.reason);
      await this.pauseBeforeRetry(this.farewell ?? end.reason, end.retry_after_ms);
    }
  }

  /** The server said why it is about to end this stream. */
  expectEnd(reason: string): void {
    this.farewell = reason;
    this.current?.abort();
  }

  /** The session has expired: ends the stream for good. */
  deny(reason: string): void {
    this.denial = { code: "session_ended", reason };
    this.current?.abort();
  }

  /** Cuts a wait short. */
  retryNow(): void {
    this.attempt = 0;
    this.wake?.();
  }

  private giveUp({ code, reason }: Denial): void {
    this.options.onPhase({ phase: "denied", code, reason });
  }

  private receive(event: EventSourceMessage): void {
    // Live means that something came, not that the connection was accepted: a proxy may accept for a dead server.
    this.attempt = 0;
    this.options.onPhase({ phase: "live" });
    try {
      this.options.onEvent(event);
    } catch (error) {
      this.options.onProblem(error instanceof Error ? error.message : String(error));
    }
  }

  private async pauseBeforeRetry(reason: string, retry_after_ms: number | null): Promise<void> {
    const delay_ms = Math.max(backoff_ms(this.attempt++, this.random), retry_after_ms ?? 0);
    this.options.onPhase({ phase: "waiting", reason, retry_at_ms: this.now_ms() + delay_ms });
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delay_ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = null;
  }
}
