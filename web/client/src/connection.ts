// One connection kept up: waits after a loss, connects again, and says at each moment which of these it does.

import { backoff_ms } from "./backoff.js";
import type { Refusal } from "./refusal.js";

/** Pause after what this reader cannot read; what follows is likely to be the same. */
const UNREADABLE_RETRY_MS = 30_000;
const BLOCKED = "the server answers, but opens no WebSocket: a proxy on the way may not pass it on (docs/proxy.md)";

export type Phase =
  | { phase: "connecting" }
  | { phase: "live" }
  /** Lost; the next attempt is at `retry_at_ms` (Unix milliseconds of this machine). */
  | { phase: "waiting"; reason: string; retry_at_ms: number }
  /** Refused for want of a session or scope; no further attempt until asked for one. `code` as the API has it. */
  | { phase: "denied"; code: string; reason: string };

/** What is done of what came. */
export type Heard =
  /** It shows that the server works, so that the next loss is the first again. */
  | "data"
  | "word"
  /** The server said why it is about to close, or this reader cannot go on. */
  | { farewell: string; unreadable?: boolean };

/** Connects once, hands on what comes until the end, and says why that was. Hands on nothing once `signal` is aborted. */
export type Transport<T> = (signal: AbortSignal, receive: (data: T) => void) => Promise<Refusal>;

export interface ConnectionOptions<T> {
  transport: Transport<T>;
  onMessage: (data: T) => Heard;
  onPhase: (phase: Phase) => void;
  random?: () => number;
  now_ms?: () => number;
}

export class Connection<T> {
  private readonly random: () => number;
  private readonly now_ms: () => number;
  private attempt = 0;
  /** Attempts in a row that failed though the server answered; one may be due to a server that had just started. */
  private blocked = 0;
  private phase: Phase["phase"] | null = null;
  private current = new AbortController();
  private wake: (() => void) | null = null;
  /** Whether the next attempt was asked for, so that nothing is waited for. */
  private hurried = false;
  private stopped = false;
  /** Why the connection is closed, which is more telling than that it was; and how long that is to last at least. */
  private farewell: { reason: string; retry_after_ms: number | null } | null = null;

  constructor(private readonly options: ConnectionOptions<T>) {
    this.random = options.random ?? Math.random;
    this.now_ms = options.now_ms ?? Date.now;
  }

  /** Runs until it is stopped. */
  async run(): Promise<void> {
    while (!this.stopped) await this.waitAfter(await this.connectOnce());
  }

  /** Ends it for good, without another word. */
  stop(): void {
    this.stopped = true;
    this.askAgain();
  }

  /** Tries again at once, unless it is live: cuts a wait short, and an attempt that is under way too. */
  retryNow(): void {
    if (this.phase !== "live") this.askAgain();
  }

  /** Connects anew at once, also when it is live. */
  askAgain(): void {
    this.attempt = 0;
    this.hurried = true;
    this.current.abort();
    this.wake?.();
  }

  private async connectOnce(): Promise<Refusal> {
    this.tell({ phase: "connecting" });
    this.farewell = null;
    this.hurried = false;
    this.current = new AbortController();
    return await this.options.transport(this.current.signal, (data) => this.receive(data));
  }

  private tell(phase: Phase): void {
    if (phase.phase === "live" && this.phase === "live") return;
    this.phase = phase.phase;
    this.options.onPhase(phase);
  }

  private receive(data: T): void {
    const heard = this.options.onMessage(data);
    if (typeof heard === "object") return this.part(heard.farewell, heard.unreadable ? UNREADABLE_RETRY_MS : null);
    // A server that greets and closes is asked more and more rarely.
    if (heard === "data") this.attempt = 0;
    this.blocked = 0;
    // Live means that something came, not that the connection was accepted: a proxy may accept for a dead server.
    this.tell({ phase: "live" });
  }

  private part(reason: string, retry_after_ms: number | null): void {
    this.farewell = { reason, retry_after_ms };
    this.current.abort();
  }

  private async waitAfter(end: Refusal): Promise<void> {
    if (this.hurried) return;
    if (end.kind === "denied") {
      this.tell({ phase: "denied", code: end.code, reason: end.reason });
      return await this.pause(null);
    }
    const { reason, retry_after_ms } = this.farewell ?? (end.kind === "lost" ? end : this.block());
    const delay_ms = Math.max(backoff_ms(this.attempt++, this.random), retry_after_ms ?? 0);
    this.tell({ phase: "waiting", reason, retry_at_ms: this.now_ms() + delay_ms });
    await this.pause(delay_ms);
  }

  private block(): { reason: string; retry_after_ms: null } {
    return { reason: ++this.blocked > 1 ? BLOCKED : "the connection could not be opened", retry_after_ms: null };
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
