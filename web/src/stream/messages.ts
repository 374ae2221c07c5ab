// What page, worker and the streams that tabs share tell each other. Typed arrays travel by transfer, not by copy.

import type { Phase } from "@photophone/client/parts";
import type { StateEvent } from "@photophone/client/wire";
import type { Loss } from "./continuity";
import type { Feed, FeedKey } from "./feeds";
import type { CrossView } from "./cross-screen";
import type { Level } from "./level-meter";
import type { LockinView } from "./lockin-screen";
import type { PanelName } from "./page-feeds";
import type { RowBatch } from "./row-pool";
import type { SpectrumRequest, SpectrumView } from "./spectrum-view";
import type { WaveRequest, WaveView } from "./wave-screen";

/** What the screen shows at the moment; the worker prepares exactly that. */
export interface ViewRequest {
  feeds: Feeds;
  wave: WaveRequest;
  spectrum: SpectrumRequest;
  spectra_per_row: number;
  lockin_span_s: number;
  /** At what level samples clip, as far as anybody told; null before. */
  clip: ClipLevel | null;
}

/** From /api/source; another epoch may be of another source. */
export interface ClipLevel {
  epoch: string;
  level: number;
}

/** What of the page a feed is for: frames for waveform and levels, spectra for spectrum and waterfall. */
export const STREAMS = ["audio", "spectral"] as const;
export type StreamName = (typeof STREAMS)[number] | PanelName;
/** Those of panels only while they are open. */
export type Feeds = Record<(typeof STREAMS)[number], Feed> & Partial<Record<PanelName, Feed>>;

export type ToWorker =
  /** Where the streams come from; without a port the worker keeps streams of its own. */
  | { type: "streams"; port: MessagePort | null }
  | { type: "view"; view: ViewRequest }
  /** Answers a tick. */
  | { type: "shown" }
  | { type: "pause"; paused: boolean }
  | { type: "clear" }
  /** The spectrum that is seen, to compare with. */
  | { type: "keep"; on: boolean }
  | { type: "clear_clips"; channel: "a" | "b" }
  | { type: "retry" };

/** Position of the newest frame that arrived. */
export interface Head {
  epoch: string;
  frame_number: number;
  first_sample: number;
  sample_rate: number;
  channels: 1 | 2;
  duration_ms: number;
  /** Frames received since the page was opened. */
  frames: number;
  /** Frames per second received over the last second, or the last three frames; null until it can be known. */
  fps: number | null;
  /**
   * Arrival by this machine's clock minus the end of the frame by the server's, in milliseconds: median of the last second,
   * of the last frame at least. Says nothing where samples do not come in real time.
   */
  age_ms: number;
  /** Arrival, Unix milliseconds of this machine. */
  arrived_ms: number;
}

export interface Levels {
  a: Level;
  /** Null for a mono source. */
  b: Level | null;
}

/** Everything new since the last tick; at most about 40 ticks per second, however fast frames come. */
export interface Tick {
  type: "tick";
  head: Head | null;
  levels: Levels | null;
  wave: WaveView | null;
  spectrum: SpectrumView | null;
  rows: RowBatch | null;
  /** Null when there is nothing to show any more; absent when nothing is new. */
  lockin?: LockinView | null;
  cross?: CrossView | null;
}

export type FromWorker =
  | Tick
  | { type: "phase"; phase: Phase }
  /** Why nothing comes of a stream although the connection is live; null when something does. */
  | { type: "fault"; stream: StreamName; reason: string | null }
  | { type: "state"; state: StateEvent }
  | { type: "loss"; loss: Loss }
  /** Nobody keeps the streams any more; the worker wants a port to others. */
  | { type: "streams_gone" }
  /** The server sent something that the API does not promise. */
  | { type: "protocol"; message: string };

/** From a page to the shared worker. */
export type ToStreams = { type: "join"; port: MessagePort } | { type: "leave" };

/** From the streams to a tab's worker, which answers each with `taken`. */
export type ToTab =
  /** One binary message of the server. */
  | { type: "message"; feed: FeedKey; data: ArrayBuffer }
  /** Messages of this feed were not sent to this tab, as too much waited for it. */
  | { type: "missed"; feed: FeedKey }
  | { type: "phase"; phase: Phase }
  | { type: "fault"; feed: FeedKey; reason: string | null }
  /** The server sent what the API does not promise. */
  | { type: "problem"; message: string }
  | { type: "ping" };

export type FromTab = { type: "taken" } | { type: "retry" } | { type: "want"; feeds: Feed[] };
