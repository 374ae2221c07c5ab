// The waveform as the screen shows it: a rolling time span, or a sweep that starts at a trigger.

import type { FrameEvent } from "@photophone/client/wire";
import { type Envelope, envelope } from "./envelope";
import { type Place, placeAt, placeOf } from "./place";
import { SampleRing } from "./sample-ring";
import { risingCrossing } from "./trigger";

/** Longest time span, in seconds. */
export const LONGEST_SPAN_S = 10;
/** Bound of the ring whatever the rate: 2^22 samples, 32 MiB for both channels, hold 10 s up to 384 kHz. */
const MAX_RING_SAMPLES = 2 ** 22;
/** How far back a trigger is searched, in seconds. */
const TRIGGER_SEARCH_S = 0.25;

export interface WaveRequest {
  span_ms: number;
  columns: number;
  trigger: boolean;
}

export interface WaveView extends Envelope {
  from_s: number;
  to_s: number;
  /** False when a trigger was asked for and none was found: the picture then rolls. */
  triggered: boolean;
  stereo: boolean;
  /** Of the first sample drawn, which may come after `from_s`. */
  place: Place;
  /** Index that stands at 0 s. */
  zero: number;
}

/** What is drawn: samples, and what is needed to read them. */
interface Picture {
  ring: SampleRing;
  sample_rate: number;
  stereo: boolean;
  /** Of the newest frame; null before the first. */
  newest: Place | null;
}

export class WaveScreen {
  private now: Picture = { ring: new SampleRing(1), sample_rate: 0, stereo: false, newest: null };
  private frozen: Picture | null = null;
  private epoch: string | null = null;

  push(frame: FrameEvent): void {
    if (frame.sample_rate !== this.now.sample_rate) this.resize(frame.sample_rate);
    if (frame.epoch !== this.epoch) this.now.ring.restart(frame.first_sample);
    this.epoch = frame.epoch;
    this.now.newest = placeOf(frame);
    this.now.stereo = frame.channel_b.length > 0;
    this.now.ring.push(frame.first_sample, frame.channel_a, frame.channel_b);
  }

  /** While frozen the view stays at this moment, whatever comes; a new span still shows what was there. */
  freeze(frozen: boolean): void {
    this.frozen = frozen ? { ...this.now, ring: this.now.ring.copy() } : null;
  }

  view(request: WaveRequest): WaveView | null {
    const { ring, sample_rate, stereo, newest } = this.frozen ?? this.now;
    if (newest === null || ring.end === ring.start) return null;
    const wanted = Math.max(2, Math.round((request.span_ms / 1000) * sample_rate));
    const length = Math.min(wanted, ring.capacity);
    const crossing = request.trigger ? risingCrossing(ring, length, Math.round(TRIGGER_SEARCH_S * sample_rate)) : null;
    const from = crossing ?? ring.end - length;
    const zero = crossing ?? ring.end;
    const span = { from, to: from + length, zero, sample_rate };
    return {
      ...envelope(ring, span, request.columns),
      from_s: (from - zero) / sample_rate,
      to_s: (from + length - zero) / sample_rate,
      triggered: crossing !== null,
      stereo,
      place: placeAt(newest, Math.max(from, ring.start)),
      zero,
    };
  }

  private resize(sample_rate: number): void {
    this.now.sample_rate = sample_rate;
    this.now.ring = new SampleRing(Math.min(Math.ceil(sample_rate * LONGEST_SPAN_S), MAX_RING_SAMPLES));
  }
}
