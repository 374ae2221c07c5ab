// One tab's end of the streams that tabs share: sends to it, and knows what it has not taken yet. Bounded: a tab that does
// not take loses what is newer, and is told that it did before anything else comes. Knows neither ports nor times.

import type { EventSourceMessage } from "eventsource-parser";
import type { StreamName, ToTab } from "./messages";

/** What data may wait for a tab, in characters: some seconds at the default rates. */
export const BOUND_CHARS = 8_000_000;
/**
 * Below this the tab has room: reading goes on, and a tab that lost something gets events again. No event counts for more,
 * so that who has room gets the next of each stream however long it is.
 */
const ROOM_CHARS = BOUND_CHARS / 2;
/** Beyond the bound for what is small and explains the rest: gaps and states. */
const EXTRA_CHARS = 1_000_000;
/** What a message costs beside its text. */
const MESSAGE_CHARS = 500;

export interface OutletOptions {
  post: (message: ToTab) => void;
  /** What a tab must know of the streams that are open: their phases, and the newest state. */
  facts: () => ToTab[];
}

export class Outlet {
  /** Of each message that waits, oldest first. */
  private readonly waiting: number[] = [];
  private waiting_chars = 0;
  /** Whether this tab gets no data until it has room: one long hole is better than many short ones. */
  private behind = false;
  private facts_missed = false;
  private readonly missed = new Set<StreamName>();
  private silent = 0;

  constructor(private readonly options: OutletOptions) {
    this.tellFacts();
  }

  get roomy(): boolean {
    return this.waiting_chars < ROOM_CHARS;
  }

  /**
   * Looks since the tab last answered, while it owed an answer. Counted, not measured: a clock would count the time for
   * which this side slept as well.
   */
  get silent_looks(): number {
    return this.silent;
  }

  event(stream: StreamName, event: EventSourceMessage): void {
    const chars = Math.min(event.data.length + MESSAGE_CHARS, ROOM_CHARS);
    if (event.event === undefined ? !this.takesData(chars) : !this.takesWord(chars)) {
      this.missed.add(stream);
      this.facts_missed ||= event.event !== undefined;
      return;
    }
    if (this.missed.delete(stream)) this.send({ type: "missed", stream });
    this.send({ type: "event", stream, event }, chars);
  }

  /** What is neither data nor gap. A tab without room for it gets the facts as they are when it has; a problem is no fact. */
  tell(message: ToTab): void {
    if (this.takesWord(MESSAGE_CHARS)) this.send(message);
    else this.facts_missed = true;
  }

  /** Asks for an answer when none is owed, to know whether the tab is there. */
  look(): void {
    if (this.waiting.length === 0) this.send({ type: "ping" });
    else this.silent++;
  }

  /** The tab took the oldest message that waits. */
  taken(): void {
    this.silent = 0;
    this.waiting_chars -= this.waiting.shift() ?? 0;
    if (!this.roomy || !this.facts_missed) return;
    this.facts_missed = false;
    this.tellFacts();
  }

  private takesData(chars: number): boolean {
    this.behind = this.behind ? !this.roomy : this.waiting_chars + chars > BOUND_CHARS;
    return !this.behind;
  }

  private takesWord(chars: number): boolean {
    return this.waiting_chars + chars <= BOUND_CHARS + EXTRA_CHARS;
  }

  private tellFacts(): void {
    for (const fact of this.options.facts()) this.send(fact);
  }

  private send(message: ToTab, chars = MESSAGE_CHARS): void {
    this.waiting.push(chars);
    this.waiting_chars += chars;
    this.options.post(message);
  }
}
