// Checks that the samples which reach this page are without holes, and names every hole: those the server announced with
// a gap event and those it did not, such as the time between two connections. Pure bookkeeping.


/** `connection`: lost between two connections; `unannounced`: a hole that no event explained. */
import type { FrameHead, GapCause, GapEvent } from "@photophone/client/wire";
export type LossCause = GapCause | "connection" | "unannounced";

/** Where samples were lost: before the server numbered them, or on the way to this page. */
export type LossSide = "device" | "viewer";

export interface Loss {
  cause: LossCause;
  side: LossSide;
  epoch: string;
  from_sample: number;
  /** Samples per channel; null when the epoch ended within the gap, so that nobody can count them. */
  samples: number | null;
  exact: boolean;
  /** When this page learnt of it, Unix milliseconds of this machine. */
  seen_ms: number;
  /** Nominal rate of the epoch, once a frame told it, to say how long it was. */
  sample_rate: number | null;
}

export function sideOf(cause: LossCause): LossSide {
  return cause === "device" || cause === "ring" || cause === "reopen" ? "device" : "viewer";
}

export class Continuity {
  private epoch: string | null = null;
  private next_sample = 0;
  private sample_rate: number | null = null;
  /** Cause of a hole before the next frame, should there be one. */
  private hole: LossCause = "unannounced";

  /** The stream was lost. */
  connectionLost(): void {
    this.hole = "connection";
  }

  /** This page took the stream too slowly to be given all of it. */
  tooSlow(): void {
    this.hole = "subscriber";
  }

  /** Takes note of an announced gap; returns it, after the hole before it, if there is one that was not announced. */
  gap(gap: GapEvent, now_ms: number): Loss[] {
    const hole = this.holeBefore({ epoch: gap.epoch, first_sample: gap.from_sample }, now_ms);
    const samples = gap.to_sample === null ? null : gap.to_sample - gap.from_sample;
    this.enter(gap.epoch);
    const loss = this.loss(gap.cause, gap.epoch, gap.from_sample, samples, gap.exact, now_ms);
    if (gap.to_sample === null) this.enter(gap.next_epoch ?? null);
    this.next_sample = gap.to_sample ?? 0;
    this.hole = "unannounced";
    return hole ? [hole, loss] : [loss];
  }

  /** Takes note of a frame of `count` samples; returns the hole before it, if there is one that was not announced. */
  frame(head: Pick<FrameHead, "epoch" | "first_sample" | "sample_rate">, count: number, now_ms: number): Loss | null {
    const hole = this.holeBefore(head, now_ms);
    this.enter(head.epoch);
    this.next_sample = head.first_sample + count;
    this.sample_rate = head.sample_rate;
    this.hole = "unannounced";
    return hole;
  }

  private enter(epoch: string | null): void {
    if (epoch !== this.epoch) this.sample_rate = null;
    this.epoch = epoch;
  }

  private holeBefore(head: Pick<FrameHead, "epoch" | "first_sample">, now_ms: number): Loss | null {
    // The first frame ever: what was before it is not lost but was never asked for.
    if (this.epoch === null) return null;
    if (head.epoch !== this.epoch) return this.loss(this.hole, this.epoch, this.next_sample, null, false, now_ms);
    const samples = head.first_sample - this.next_sample;
    return samples > 0 ? this.loss(this.hole, head.epoch, this.next_sample, samples, true, now_ms) : null;
  }

  private loss(
    cause: LossCause,
    epoch: string,
    from_sample: number,
    samples: number | null,
    exact: boolean,
    seen_ms: number,
  ): Loss {
    return { cause, side: sideOf(cause), epoch, from_sample, samples, exact, seen_ms, sample_rate: this.sample_rate };
  }
}
