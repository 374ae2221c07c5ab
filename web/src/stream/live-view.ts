// The worker's mind: takes the messages of both feeds and prepares what the screen asked for. Knows neither the network
// nor postMessage (see worker.ts).

import { type BinaryMessage, type FrameEvent, readFrame, readGap, readSpectrum, readState, type StateEvent } from "@photophone/client/wire";
import { Arrivals } from "./arrivals";
import { Continuity, type Loss } from "./continuity";
import { LevelMeter } from "./level-meter";
import { type Head, type Levels, type StreamName, STREAMS, type Tick, type ViewRequest } from "./messages";
import { PanelView } from "./panel-view";
import { RowPool } from "./row-pool";
import { SpectrumScreen } from "./spectrum-view";
import { WaveScreen } from "./wave-screen";

export interface LiveViewOptions {
  onLoss: (loss: Loss) => void;
  onState: (state: StateEvent) => void;
  /** Unix milliseconds of this machine, to compare with the server's; may step when the clock is set. */
  now_ms: () => number;
  /** Milliseconds that never step, since whenever. */
  monotonic_ms: () => number;
}

export class LiveView {
  private readonly continuity = new Continuity();
  private readonly wave = new WaveScreen();
  private readonly spectrum = new SpectrumScreen();
  /** The spectrum as it was when the picture was paused; null while it is not. */
  private frozen: SpectrumScreen | null = null;
  private readonly rows = new RowPool();
  private readonly arrivals = new Arrivals();
  private meter_a = new LevelMeter();
  private meter_b: LevelMeter | null = null;
  private head: Omit<Head, "fps" | "age_ms"> | null = null;
  private frames = 0;
  private paused = false;
  private fresh = { head: false, wave: false, spectrum: false };
  private readonly panels = new PanelView();
  private request: ViewRequest | null = null;

  constructor(private readonly options: LiveViewOptions) {}

  /** A message of the feed of frames. Other kinds than these are of later servers. */
  audio(message: BinaryMessage): void {
    if (message.kind === "frame") this.frame(readFrame(message));
    else if (message.kind === "state") this.options.onState(readState(message));
    else if (message.kind === "gap") {
      for (const loss of this.continuity.gap(readGap(message), this.options.now_ms())) this.options.onLoss(loss);
    }
  }

  /** A message of the feed of spectra. Its gaps are drawn; they are counted where the frames tell them. */
  spectral(message: BinaryMessage): void {
    if (message.kind === "gap") this.rows.interrupt();
    if (message.kind !== "spectrum") return;
    const spectrum = readSpectrum(message);
    this.spectrum.push(spectrum);
    this.rows.push(this.spectrum.row(spectrum));
    this.fresh.spectrum ||= !this.paused;
  }

  lockin(message: BinaryMessage): void {
    this.panels.lockin(message);
  }

  cross(message: BinaryMessage): void {
    this.panels.cross(message);
  }

  /** Messages of a stream did not come, as this page took them too slowly. */
  missed(stream: StreamName): void {
    if (stream === "audio") this.continuity.tooSlow();
    else if (stream === "spectral") this.rows.interrupt();
  }

  /** The server gives this stream no more, or not yet. */
  cut(stream: StreamName): void {
    if (stream === "audio") this.continuity.connectionLost();
    else if (stream === "spectral") this.rows.interrupt();
  }

  connectionLost(): void {
    for (const stream of STREAMS) this.cut(stream);
    this.arrivals.clear();
  }

  show(request: ViewRequest): void {
    this.request = request;
    this.rows.perRow = request.spectra_per_row;
    for (const screen of this.spectra()) screen.hold(request.spectrum);
    this.panels.show(request);
    this.fresh = { head: true, wave: true, spectrum: true };
  }

  pause(paused: boolean): void {
    if (paused === this.paused) return;
    this.paused = paused;
    this.wave.freeze(paused);
    this.frozen = paused ? this.spectrum.copy() : null;
    this.panels.pause(paused);
    // Only the picture was held: what came meanwhile is shown at once.
    if (!paused) this.fresh = { head: true, wave: true, spectrum: true };
  }

  /** Keeps the spectrum that is seen, to compare with; or none. */
  keep(on: boolean): void {
    const seen = this.frozen ?? this.spectrum;
    for (const screen of this.spectra()) screen.keep(on ? seen : null);
    this.fresh.spectrum = true;
  }

  clear(): void {
    this.meter_a.clear();
    this.meter_b?.clear();
    for (const screen of this.spectra()) screen.restartHold();
    this.fresh = { ...this.fresh, head: true, spectrum: true };
  }

  clearClips(channel: "a" | "b"): void {
    if (channel === "a") this.meter_a.clearClips();
    else this.meter_b?.clearClips();
    this.fresh.head = true;
  }

  /** What is new since the last call; null when nothing is. */
  tick(): Tick | null {
    const { request, fresh } = this;
    if (request === null || !(fresh.head || fresh.wave || fresh.spectrum || this.panels.fresh)) return null;
    this.fresh = { head: false, wave: false, spectrum: false };
    return {
      type: "tick",
      // At pace fast there are many frames per tick; the median is taken once.
      head: this.head && { ...this.head, fps: this.arrivals.fps, age_ms: this.arrivals.age_ms },
      levels: this.levels(),
      wave: fresh.wave ? this.wave.view(request.wave) : null,
      spectrum: fresh.spectrum ? (this.frozen ?? this.spectrum).view(request.spectrum) : null,
      rows: this.paused ? null : this.rows.take(),
      ...this.panels.take(request),
    };
  }

  private spectra(): SpectrumScreen[] {
    return this.frozen ? [this.spectrum, this.frozen] : [this.spectrum];
  }

  private frame(frame: FrameEvent): void {
    const now_ms = this.options.now_ms();
    const hole = this.continuity.frame(frame, frame.channel_a.length, now_ms);
    if (hole) this.options.onLoss(hole);
    this.measure(frame);
    this.wave.push(frame);
    this.arrivals.push(this.options.monotonic_ms(), now_ms - frame.captured_us / 1000 - frame.duration_ms);
    this.head = this.headOf(frame, now_ms);
    this.fresh.head = true;
    this.fresh.wave ||= !this.paused;
  }

  private measure(frame: FrameEvent): void {
    const clip_level = this.clipLevel(frame);
    this.meter_a.push(frame.channel_a, frame.sample_rate, clip_level);
    if (frame.channel_b.length === 0) this.meter_b = null;
    else (this.meter_b ??= new LevelMeter()).push(frame.channel_b, frame.sample_rate, clip_level);
  }

  /** The server flags frames with clipped samples; how many there are is counted here, which takes the level. */
  private clipLevel({ epoch, flags }: FrameEvent): number | null {
    if (!flags.includes("clipped")) return Number.POSITIVE_INFINITY;
    const clip = this.request?.clip;
    return clip?.epoch === epoch ? clip.level : null;
  }

  private headOf(frame: FrameEvent, arrived_ms: number): Omit<Head, "fps" | "age_ms"> {
    return {
      epoch: frame.epoch,
      frame_number: frame.frame_number,
      first_sample: frame.first_sample,
      sample_rate: frame.sample_rate,
      channels: frame.channel_b.length > 0 ? 2 : 1,
      duration_ms: frame.duration_ms,
      frames: ++this.frames,
      arrived_ms,
    };
  }

  private levels(): Levels | null {
    return this.head === null ? null : { a: this.meter_a.level, b: this.meter_b?.level ?? null };
  }
}
