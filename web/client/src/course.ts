// Where the reader of a stream stands: what it is to be told of what comes, and where it goes on after a loss. Each sample is
// told of once, in a frame or in a gap.

import type { FrameHead, GapCause, GapEvent, StateEvent } from "./feed-events.js";

/** Samples that will not come. `unannounced`: the server said nothing of them. */
export interface GapItem extends Omit<GapEvent, "cause"> {
  type: "gap";
  cause: GapCause | "unannounced";
}

export type StateItem = { type: "state" } & StateEvent;

/** Which samples an event is about; `samples` in those of the source. */
export type Extent = Pick<FrameHead, "epoch" | "first_sample"> & { samples: number };

export class Course {
  /** What was told since the last event that has an id: it is told again to who comes back. */
  private readonly told = new Set<string>();
  private state: string | null = null;
  private epoch: string | null = null;
  private first_sample = -1;
  /** Null where it is not known. */
  private next_sample: number | null = null;

  /** `covers`: events follow each other sample by sample, as frames do and overlapping windows do not. */
  constructor(private readonly covers: boolean, public last_event_id: string | null) {}

  /** The hole before it that nobody announced, if any; null for an event that came before. */
  pass(extent: Extent): GapItem[] | null {
    const { epoch, first_sample, samples } = extent;
    const same = epoch === this.epoch;
    if (same && first_sample <= this.first_sample) return null;
    const from_sample = this.covers && same ? this.next_sample : null;
    this.told.clear();
    this.last_event_id = `${epoch}:${first_sample}`;
    Object.assign(this, { epoch, first_sample, next_sample: first_sample + samples });
    if (from_sample === null || first_sample <= from_sample) return [];
    return [{ type: "gap", epoch, from_sample, to_sample: first_sample, cause: "unannounced", exact: true }];
  }

  /** The gap as far as it is new; null when nothing of it is. */
  gap(gap: GapEvent): GapItem | null {
    if (!this.isFirst(JSON.stringify(gap))) return null;
    const { epoch, next_epoch, to_sample } = gap;
    // The server does not know where an event ended that it does not keep any more.
    const known = this.covers && epoch === this.epoch ? (this.next_sample ?? 0) : 0;
    const from_sample = Math.max(gap.from_sample, known);
    if (to_sample !== null && from_sample >= to_sample) return null;
    this.enter(to_sample === null ? (next_epoch ?? null) : epoch, to_sample);
    return { type: "gap", ...gap, from_sample };
  }

  /** Null for the state that was told last. */
  change(state: StateEvent): StateItem | null {
    const text = JSON.stringify(state);
    if (text === this.state) return null;
    this.state = text;
    return { type: "state", ...state };
  }

  private enter(epoch: string | null, next_sample: number | null): void {
    if (epoch !== this.epoch) this.first_sample = -1;
    this.epoch = epoch;
    this.next_sample = next_sample;
  }

  private isFirst(text: string): boolean {
    if (this.told.has(text)) return false;
    this.told.add(text);
    return true;
  }
}
