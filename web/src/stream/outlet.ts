// One tab's end of the streams that tabs share: sends to it, and knows what it has not taken yet. Bounded: a tab that does
// not take loses what is newer, and is told that it did before anything else comes. Knows neither ports nor times.

import type { FeedKey } from "./feeds";
import type { ToTab } from "./messages";

/** What data may wait for a tab, in bytes: some seconds at the default rates. */
export const BOUND_BYTES = 6_000_000;
/**
 * Below this the tab has room, and when it lost something gets data again. No message counts for more, so that who has
 * room gets the next of each feed however long it is.
 */
const ROOM_BYTES = BOUND_BYTES / 2;
/** Beyond the bound for what is small and explains the rest: gaps and states. */
const EXTRA_BYTES = 1_000_000;
/** What a message costs beside its data. */
const MESSAGE_BYTES = 500;
/** Kinds of messages that are no data. */
const WORDS = new Set(["gap", "state", "end"]);

export interface OutletOptions {
  post: (message: ToTab) => void;
  /** What a tab must know of the connection and of its feeds: phase, faults, and the newest states. */
  facts: () => ToTab[];
}

export class Outlet {
  /** Of each message that waits, oldest first. */
  private readonly waiting: number[] = [];
  private waiting_bytes = 0;
  /** Whether this tab gets no data until it has room: one long hole is better than many short ones. */
  private behind = false;
  private facts_missed = false;
  private readonly missed = new Set<FeedKey>();
  private silent = 0;

  constructor(private readonly options: OutletOptions) {
    this.tellFacts();
  }

  get roomy(): boolean {
    return this.waiting_bytes < ROOM_BYTES;
  }

  /**
   * Looks since the tab last answered, while it owed an answer. Counted, not measured: a clock would count the time for
   * which this side slept as well.
   */
  get silent_looks(): number {
    return this.silent;
  }

  message(feed: FeedKey, data: ArrayBuffer, kind: string): void {
    const bytes = Math.min(data.byteLength + MESSAGE_BYTES, ROOM_BYTES);
    const is_word = WORDS.has(kind);
    if (is_word ? !this.takesWord(bytes) : !this.takesData(bytes)) {
      this.missed.add(feed);
      this.facts_missed ||= is_word;
      return;
    }
    if (this.missed.delete(feed)) this.send({ type: "missed", feed });
    this.send({ type: "message", feed, data }, bytes);
  }

  /** Something of this feed does not come. */
  miss(feed: FeedKey): void {
    this.missed.add(feed);
  }

  /** What is neither data nor gap. A tab without room for it gets the facts as they are when it has; a problem is no fact. */
  tell(message: ToTab): void {
    if (this.takesWord(MESSAGE_BYTES)) this.send(message);
    else this.facts_missed = true;
  }

  /** Tells what the tab must know, now or when it has room. */
  tellFacts(): void {
    this.facts_missed = !this.takesWord(MESSAGE_BYTES);
    if (this.facts_missed) return;
    for (const fact of this.options.facts()) this.send(fact);
  }

  /** Asks for an answer when none is owed, to know whether the tab is there. */
  look(): void {
    if (this.waiting.length === 0) this.send({ type: "ping" });
    else this.silent++;
  }

  /** The tab took the oldest message that waits. */
  taken(): void {
    this.silent = 0;
    this.waiting_bytes -= this.waiting.shift() ?? 0;
    if (!this.roomy || !this.facts_missed) return;
    this.tellFacts();
  }

  private takesData(bytes: number): boolean {
    this.behind = this.behind ? !this.roomy : this.waiting_bytes + bytes > BOUND_BYTES;
    return !this.behind;
  }

  private takesWord(bytes: number): boolean {
    return this.waiting_bytes + bytes <= BOUND_BYTES + EXTRA_BYTES;
  }

  private send(message: ToTab, bytes = MESSAGE_BYTES): void {
    this.waiting.push(bytes);
    this.waiting_bytes += bytes;
    this.options.post(message);
  }
}
