// One stream kept open: reads it, waits after a loss, opens it again, and says at each moment which of these it does.

import type { EventSourceMessage } from "eventsource-parser";
import { backoff_ms } from "./backoff";
import { readEvents, type StreamEnd } from "./sse";
import { parseReason } from "./wire";

/** Silence after which a stream is taken for dead. Longer than the server's default heartbeat of 5 s by far. */
const IDLE_MS = 30_000;

/** Events by which the server says that it is about to end a stream, and what they mean when they give no reason. */
const FAREWELLS = new Map([
  ["shutdown", "the server was shut down"],
  ["reauth", "the session has expired"],
  ["end", "the server ended the stream"],
]);

export type Phase =
  | { phase: "connecting" }
  | { phase: "live" }
  /** Lost; the next attempt is at `retry_at_ms` (Unix milliseconds of this machine). */
  | { phase: "waiting"; reason: string; retry_at_ms: number }
  /** Refused for want of a session or scope; no further attempt until asked for one. `code` as the API has it. */
  | { phase: "denied"; code: string; reason: string };

export interface ConnectionOptions {
  url: string;
  onEvent: (event: EventSourceMessage) => void;
  onPhase: (phase: Phase) => void;
  /** The server sent what the API does not promise, or what this page cannot take. */
  onProblem: (message: string) => void;
  /** Null, or when whoever takes the events has room for more; the stream is read no further before. */
  room?: () => Promise<void> | null;
  fetch?: typeof fetch;
  random?: () => number;
  now_ms?: () => number;
}

export class Connection {
  private readonly fetch: typeof fetch;
  private readonly random: () => number;
  private readonly now_ms: () => number;
  private attempt = 0;
  private phase: Phase["phase"] | null = null;
  private current = new AbortController();
  private wake: (() => void) | null = null;
  /** Whether the next attempt was asked for, so that nothing is waited for. */
  private hurried = false;
  private stopped = false;
  /** Reason that the server itself gave for ending the stream; more telling than "the stream ended". */
  private farewell: string | null = null;

  constructor(private readonly options: ConnectionOptions) {
    this.fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.random = options.random ?? Math.random;
    this.now_ms = options.now_ms ?? Date.now;
  }

  /** Runs until it is stopped. */
  async run(): Promise<void> {
    while (!this.stopped) await this.waitAfter(await this.readOnce());
  }

  /** Ends it for good, without another word. */
  stop(): void {
    this.stopped = true;
    this.askAgain();
  }

  /** Tries again at once, unless the stream is live: cuts a wait short, and an attempt that is under way too. */
  retryNow(): void {
    if (this.phase !== "live") this.askAgain();
  }

  /** Asks the server anew at once, also for a stream that is live. */
  askAgain(): void {
    this.attempt = 0;
    this.hurried = true;
    this.current.abort();
    this.wake?.();
  }

  private async readOnce(): Promise<StreamEnd> {
    this.tell({ phase: "connecting" });
    this.farewell = null;
    this.hurried = false;
    this.current = new AbortController();
    return await readEvents({
      url: this.options.url,
      signal: this.current.signal,
      fetch: this.fetch,
      idle_ms: IDLE_MS,
      onEvent: (event) => this.receive(event),
      room: this.options.room ?? (() => null),
    });
  }

  private tell(phase: Phase): void {
    if (phase.phase === "live" && this.phase === "live") return;
    this.phase = phase.phase;
    this.options.onPhase(phase);
  }

  private receive(event: EventSourceMessage): void {
    // What was read with it may follow the end.
    if (this.current.signal.aborted) return;
    try {
      if (this.isFarewell(event)) return;
      // A state comes with every connection; a server that says it and ends the stream is asked more and more rarely.
      if (event.event === undefined) this.attempt = 0;
      // Live means that something came, not that the connection was accepted: a proxy may accept for a dead server.
      this.tell({ phase: "live" });
      this.options.onEvent(event);
    } catch (error) {
      this.options.onProblem(error instanceof Error ? error.message : String(error));
    }
  }

  /** Whether the server said that it ends this stream; it is then read no further. */
  private isFarewell({ event, data }: EventSourceMessage): boolean {
    const meaning = FAREWELLS.get(event ?? "");
    if (meaning === undefined) return false;
    this.farewell = parseReason(data) ?? meaning;
    this.current.abort();
    return true;
  }

  private async waitAfter(end: StreamEnd): Promise<void> {
    if (this.hurried) return;
    if (end.kind === "denied") {
      this.tell({ phase: "denied", code: end.code, reason: end.reason });
      return await this.pause(null);
    }
    if (end.kind === "unreadable") this.options.onProblem(end.reason);
    const delay_ms = Math.max(backoff_ms(this.attempt++, this.random), end.retry_after_ms ?? 0);
    this.tell({ phase: "waiting", reason: this.farewell ?? end.reason, retry_at_ms: this.now_ms() + delay_ms });
    await this.pause(delay_ms);
  }

  /** Until so much time has passed, or, without a time, until asked. */
  private async pause(delay_ms: number | null): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = delay_ms === null ? undefined : setTimeout(resolve, delay_ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = null;
  }
}
