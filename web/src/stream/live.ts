// The page's end of the worker: holds the newest picture for the charts (outside React), and every quarter of a second
// the facts for the panels (a store that React watches).

import type { Phase } from "@photophone/client/parts";
import type { StateEvent } from "@photophone/client/wire";
import type { DrawLoop } from "../plot/draw-loop";
import type { FrameCost } from "../plot/frame-cost";
import { WaterfallHistory } from "../plot/waterfall-history";
import { Store } from "../store";
import type { Loss } from "./continuity";
import type { CrossView } from "./cross-screen";
import type { Feed } from "./feeds";
import type { LevelUnit } from "./level-unit";
import type { LockinReading, LockinView } from "./lockin-screen";
import { addLoss, type LossLedger, NO_LOSSES } from "./loss-ledger";
import type { FromWorker, Head, Levels, StreamName, Tick, ToWorker, ViewRequest } from "./messages";
import { type PanelName, PANELS } from "./page-feeds";
import type { Method } from "./spectrum-method";
import type { Peak, SpectrumView } from "./spectrum-view";
import type { WaveView } from "./wave-screen";

/** How often text follows the data; faster cannot be read. */
const FACTS_MS = 250;

export interface Facts {
  head: Head | null;
  levels: Levels | null;
  peak_a: Peak | null;
  peak_b: Peak | null;
  /** Of the spectrum drawn, how it was computed, its peaks and whether it has a channel B; null before the first. */
  spectrum: (Method & Pick<SpectrumView, "bin_hz" | "b" | "peaks" | "kept_a">) | null;
  /** Of the waveform drawn, which may be paused; null before the first. */
  wave: Pick<WaveView, "triggered" | "stereo"> | null;
  /** Of the panels that are open, what came last; null before. */
  lockin: LockinReading | null;
  cross: Pick<CrossView, "peak" | "averages"> | null;
  phase: Phase;
  /** Why nothing comes of a stream although the connection is live. */
  faults: Record<StreamName, string | null>;
  state: StateEvent | null;
  losses: LossLedger;
  /** Last message that was not what the API promises. */
  protocol: string | null;
  paused: boolean;
  row_ms: number;
  /** What the levels of the waterfall are in; null before the first row. */
  row_level: LevelUnit | null;
}

export class Live {
  wave: WaveView | null = null;
  spectrum: SpectrumView | null = null;
  lockin: LockinView | null = null;
  cross: CrossView | null = null;
  levels: Levels | null = null;
  readonly history = new WaterfallHistory();
  readonly facts = new Store<Facts>({
    head: null,
    levels: null,
    peak_a: null,
    peak_b: null,
    spectrum: null,
    wave: null,
    lockin: null,
    cross: null,
    phase: { phase: "connecting" },
    faults: { audio: null, spectral: null, lockin: null, cross: null },
    state: null,
    losses: NO_LOSSES,
    protocol: null,
    paused: false,
    row_ms: 0,
    row_level: null,
  });
  /** The newest frame that arrived; `facts` may be older. */
  head: Head | null = null;
  private facts_timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly worker: Worker,
    readonly loop: DrawLoop,
    readonly cost: FrameCost,
    private request: ViewRequest,
  ) {
    worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => cost.measure(() => this.receive(data)));
    this.send({ type: "view", view: request });
  }

  /** Tells the worker what the screen shows; nothing happens when it knows. */
  show(change: Partial<ViewRequest>): void {
    const next = { ...this.request, ...change };
    if (JSON.stringify(next) === JSON.stringify(this.request)) return;
    for (const panel of PANELS) if (!sameFeed(next.feeds[panel], this.request.feeds[panel])) this.forget(panel);
    this.request = next;
    this.send({ type: "view", view: next });
  }

  pause(paused: boolean): void {
    this.send({ type: "pause", paused });
    this.facts.update({ paused });
  }

  /** Clears clip marks, held peaks, the holds of the spectrum, and the losses: their list and their sums. */
  clear(): void {
    this.send({ type: "clear" });
    this.facts.update({ losses: NO_LOSSES });
  }

  /** Keeps the spectrum that is seen, to compare with; or none. */
  keep(on: boolean): void {
    this.send({ type: "keep", on });
  }

  clearClips(channel: "a" | "b"): void {
    this.send({ type: "clear_clips", channel });
  }

  retryNow(): void {
    this.send({ type: "retry" });
  }

  /** What is drawn is of another feed, and not the picture of the one to come. */
  private forget(panel: PanelName): void {
    this[panel] = null;
    this.facts.update({ [panel]: null, faults: { ...this.facts.get().faults, [panel]: null } });
    this.loop.invalidate();
  }

  private send(message: ToWorker): void {
    this.worker.postMessage(message);
  }

  private receive(message: FromWorker): void {
    switch (message.type) {
      case "tick":
        return this.tick(message);
      case "phase":
        return this.facts.update({ phase: message.phase });
      case "fault":
        return this.facts.update({ faults: { ...this.facts.get().faults, [message.stream]: message.reason } });
      case "state":
        return this.facts.update({ state: message.state });
      case "loss":
        return this.lose(message.loss);
      case "protocol":
        return this.facts.update({ protocol: message.message });
      case "streams_gone":
        // Answered by shared-streams.ts; the phase tells the rest.
        return;
    }
  }

  private tick(tick: Tick): void {
    this.send({ type: "shown" });
    this.head = tick.head;
    this.levels = tick.levels;
    this.wave = tick.wave ?? this.wave;
    this.spectrum = tick.spectrum ?? this.spectrum;
    if (tick.lockin !== undefined) this.lockin = tick.lockin;
    if (tick.cross !== undefined) this.cross = tick.cross;
    if (tick.rows) this.history.push(tick.rows);
    this.loop.invalidate();
    this.facts_timer ??= setTimeout(() => this.publish(), FACTS_MS);
  }

  private publish(): void {
    this.facts_timer = null;
    const { spectrum } = this;
    this.facts.update({
      head: this.head,
      levels: this.levels,
      peak_a: spectrum?.peak_a ?? null,
      peak_b: spectrum?.peak_b ?? null,
      spectrum,
      wave: this.wave,
      lockin: this.lockin?.newest ?? null,
      cross: this.cross,
      row_ms: this.history.row_ms,
      row_level: this.history.filled > 0 ? this.history.level : null,
    });
  }

  private lose(loss: Loss): void {
    this.facts.update({ losses: addLoss(this.facts.get().losses, loss) });
  }
}

const sameFeed = (one: Feed | undefined, other: Feed | undefined) => one?.kind === other?.kind && one?.query === other?.query;
