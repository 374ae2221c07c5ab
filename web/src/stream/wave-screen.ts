// The waveform as the screen shows it: a rolling time span, or a sweep that starts at a trigger.

import { type Envelope, envelope } from "./envelope";
import { SampleRing } from "./sample-ring";
import { risingCrossing } from "./trigger";
import type { FrameEvent } from "./wire";

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
}

export class WaveScreen {
  private ring = new SampleRing(1);
  private frozen: SampleRing | null = null;
  private epoch: string | null = null;
  private sample_rate = 0;
  private stereo = false;

  push(frame: FrameEvent): void {
    if (frame.sample_rate !== this.sample_rate) this.resize(frame.sample_rate);
    if (frame.epoch !== this.epoch) this.ring.restart(frame.first_sample);
    this.epoch = frame.epoch;
    this.stereo = frame.channel_b.length > 0;
    this.ring.push(frame.first_sample, frame.channel_a, frame.channel_b);
  }

  /** While frozen the view stays at this moment, whatever comes; a new span still shows what was there. */
  freeze(frozen: boolean): void {
    this.frozen = frozen ? this.ring.copy() : null;
  }

  view(request: WaveRequest): WaveView | null {
    const ring = this.frozen ?? this.ring;
    if (ring.end === ring.start) return null;
    const rate = this.sample_rate;
    const wanted = Math.max(2, Math.round((request.span_ms / 1000) * rate));
    const length = Math.min(wanted, ring.capacity);
    const crossing = request.trigger ? risingCrossing(ring, length, Math.round(TRIGGER_SEARCH_S * rate)) : null;
    const from = crossing ?? ring.end - length;
    const zero = crossing ?? ring.end;
    const span = { from, to: from + length, zero, sample_rate: rate };
    return {
      ...envelope(ring, span, request.columns),
      from_s: (from - zero) / rate,
      to_s: (from + length - zero) / rate,
      triggered: crossing !== null,
      stereo: this.stereo,
    };
  }

  private resize(sample_rate: number): void {
    this.sample_rate = sample_rate;
    this.ring = new SampleRing(Math.min(Math.ceil(sample_rate * LONGEST_SPAN_S), MAX_RING_SAMPLES));
    this.frozen = null;
  }
}
