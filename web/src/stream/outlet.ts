// One tab's end of the streams that tabs share: sends to it, and knows what it has not taken yet. Bounded: a tab that does
// not take loses what is newer, and is told that it did before anything else comes. Knows no ports; times are given.

import type { EventSourceMessage } from "eventsource-parser";
import type { StreamName, ToTab } from "./messages";

/** What may wait for a tab, in characters: some seconds at the default rates. One longer event goes to who has room. */
export const BOUND_CHARS = 8_000_000;
/** Below this the tab has room: reading goes on, and a tab that lost something gets events again. */
const ROOM_CHARS = BOUND_CHARS / 2;
/** Beyond the bound for what is small and explains the rest: gaps and states. */
const EXTRA_CHARS = 1_000_000;
/** What a message costs beside its text. */
const MESSAGE_CHARS = 500;

interface Waiting {
  chars: number;
  sent_ms: number;
}

export interface OutletOptions {
  post: (message: ToTab) => void;
  /** What a tab must know of the streams that are open: their phases, and the newest state. */
  facts: () => ToTab[];
  monotonic_ms: () => number;
}

export class Outlet {
  private readonly waiting: Waiting[] = [];
  private waiting_chars = 0;
  /** Whether this tab gets no data until it has room: one long hole is better than many short ones. */
  private behind = false;
  private facts_missed = false;
  private readonly missed = new Set<StreamName>();
  private pings_kept = 0;

  constructor(private readonly options: OutletOptions) {
    this.tellFacts();
  }

  get roomy(): boolean {
    return this.waiting_chars < ROOM_CHARS;
  }

  /** For how long the tab has owed an answer, in milliseconds; 0 when it took all. */
  get owed_ms(): number {
    const oldest = this.waiting[0];
    return oldest === undefined ? 0 : this.options.monotonic_ms() - oldest.sent_ms;
  }

  event(stream: StreamName, event: EventSourceMessage): void {
    const chars = event.data.length + MESSAGE_CHARS;
    if (event.event === undefined ? !this.takesData(chars) : !this.takesWord(chars)) {
      this.missed.add(stream);
      this.facts_missed ||= event.event !== undefined;
      return;
    }
    if (this.missed.delete(stream)) this.send({ type: "missed", stream });
    this.send({ type: "event", stream, event }, chars);
  }

  /** What is neither data nor gap; a tab without room for it gets the facts as they are when it has. */
  tell(message: ToTab): void {
    if (this.takesWord(MESSAGE_CHARS)) this.send(message);
    else this.facts_missed = true;
  }

  /** Pings that were not sent since the tab last answered. A clock would count the time for which this side slept as well. */
  get unasked(): number {
    return this.pings_kept;
  }

  /** Asks for an answer when none is owed, to know whether the tab is there. */
  ping(): void {
    if (this.waiting.length === 0) this.send({ type: "ping" });
    else this.pings_kept++;
  }

  /** The tab took the oldest message that waits. */
  taken(): void {
    this.pings_kept = 0;
    this.waiting_chars -= this.waiting.shift()?.chars ?? 0;
    if (!this.roomy || !this.facts_missed) return;
    this.facts_missed = false;
    this.tellFacts();
  }

  private takesData(chars: number): boolean {
    const whole = this.roomy || this.waiting_chars + chars <= BOUND_CHARS;
    this.behind = this.behind ? !this.roomy : !whole;
    return !this.behind;
  }

  private takesWord(chars: number): boolean {
    return this.waiting_chars + chars <= BOUND_CHARS + EXTRA_CHARS;
  }

  private tellFacts(): void {
    for (const fact of this.options.facts()) this.send(fact);
  }

  private send(message: ToTab, chars = MESSAGE_CHARS): void {
    this.waiting.push({ chars, sent_ms: this.options.monotonic_ms() });
    this.waiting_chars += chars;
    this.options.post(message);
  }
}
