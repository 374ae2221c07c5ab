// The newest events as a list, which may stand still: what comes meanwhile waits.

import { Store } from "../store";
import type { LabEvent } from "../api/types";

/** Lines of the list; what waits fits in besides what was there. */
export const LINES_MAX = 1500;
/** Events that wait while the list stands still. */
export const HELD_MAX = 1000;
/** How often the list follows; faster cannot be read. */
const SHOW_MS = 250;

/** `server`: it did not send them to a reader that was too slow or away; `held`: more came than wait; `away`: not fetched. */
export type MissedWhy = "server" | "held" | "away";

export type Line =
  | { key: string; time_ms: number; event: LabEvent }
  /** `missed` is null where nobody knows how many. */
  | { key: string; time_ms: number; event: null; missed: number | null; why: MissedWhy };

export interface LogView {
  /** The newest first. */
  lines: readonly Line[];
  paused: boolean;
  /** Events that came since the list stands still. */
  held: number;
  /** Whether there were more than the list has. */
  cut: boolean;
}

export class EventLog {
  readonly view = new Store<LogView>({ lines: [], paused: false, held: 0, cut: false });
  /** Not in the list yet; the newest first. */
  private waiting: Line[] = [];
  /** Of those that waited and had to go, and whether what nobody could count was among them. */
  private dropped = 0;
  private dropped_uncounted = false;
  private readonly known = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private last_key = 0;

  constructor(private readonly now_ms: () => number = Date.now) {}

  /** An event has just come. */
  add(event: LabEvent): void {
    if (this.known.has(event.id)) return;
    this.waiting.unshift(this.lineOf(event));
    this.bound();
    this.showSoon();
  }

  /** Events did not come. */
  miss(missed: number | null, why: MissedWhy): void {
    this.waiting.unshift(this.missedLine(missed, why, this.now_ms()));
    this.bound();
    this.showSoon();
  }

  /**
   * What has happened, the newest first, as far as it is not in the list, by its time. `more`: there are older ones; when they
   * do not reach to what is in the list, that is said.
   */
  takePast(past: readonly LabEvent[], more: boolean): void {
    const had = this.known.size > 0;
    const fresh = past.filter(({ id }) => !this.known.has(id));
    const lines = fresh.map((event) => this.lineOf(event));
    const oldest = lines.at(-1);
    if (had && more && oldest && fresh.length === past.length) lines.push(this.missedLine(null, "away", oldest.time_ms));
    const { paused, lines: shown } = this.view.get();
    this.waiting = merge(this.waiting, paused ? lines : []);
    this.bound();
    if (!paused) this.showAll(merge(shown, lines), this.view.get().cut || (more && !had));
    else this.showSoon();
  }

  pause(paused: boolean): void {
    this.view.update({ paused });
    this.show();
  }

  /** Begins anew, as for other filters, and moves again. */
  clear(): void {
    this.forgetWaiting();
    this.known.clear();
    this.view.set({ lines: [], paused: false, held: 0, cut: false });
  }

  private lineOf(event: LabEvent): Line {
    this.known.add(event.id);
    return { key: event.id, time_ms: Date.parse(event.timestamp), event };
  }

  private missedLine(missed: number | null, why: MissedWhy, time_ms: number): Line {
    return { key: `missed ${++this.last_key}`, time_ms, event: null, missed, why };
  }

  private bound(): void {
    for (const line of this.waiting.splice(HELD_MAX)) {
      this.forget(line);
      this.dropped += line.event === null ? (line.missed ?? 0) : 1;
      this.dropped_uncounted ||= line.event === null && line.missed === null;
    }
  }

  /** What had to go of what waited. */
  private gone(): Line[] {
    const time_ms = this.waiting.at(-1)?.time_ms ?? this.now_ms();
    return [
      ...(this.dropped > 0 ? [this.missedLine(this.dropped, "held", time_ms)] : []),
      ...(this.dropped_uncounted ? [this.missedLine(null, "server", time_ms)] : []),
    ];
  }

  private forgetWaiting(): void {
    this.waiting = [];
    this.dropped = 0;
    this.dropped_uncounted = false;
  }

  private forget({ event }: Line): void {
    if (event) this.known.delete(event.id);
  }

  private showSoon(): void {
    this.timer ??= setTimeout(() => this.show(), SHOW_MS);
  }

  private show(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { paused, lines, cut } = this.view.get();
    if (!paused) return this.showAll(lines, cut);
    this.view.update({ held: this.waiting.filter(({ event }) => event !== null).length + this.dropped });
  }

  private showAll(lines: readonly Line[], cut: boolean): void {
    const all = [...this.waiting, ...this.gone(), ...lines];
    const over = all.splice(LINES_MAX);
    for (const line of over) this.forget(line);
    this.forgetWaiting();
    this.view.update({ lines: all, held: 0, cut: cut || over.length > 0 });
  }
}

/** Both in their order, by time from the newest on; of equal times what was there comes first. */
function merge(there: readonly Line[], more: readonly Line[]): Line[] {
  const merged: Line[] = [];
  let n = 0;
  for (const line of there) {
    for (let next = more[n]; next && next.time_ms > line.time_ms; next = more[++n]) merged.push(next);
    merged.push(line);
  }
  return [...merged, ...more.slice(n)];
}
