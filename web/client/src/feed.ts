// The streams of frames and spectra as async iterators: read as fast as they are asked for, and gone on with after a loss.

import type { ApiError } from "./api-error.js";
import { backoff_ms } from "./backoff.js";
import { type BinaryMessage, decodeMessage, readHead } from "./binary.js";
import type { Phase } from "./connection.js";
import { Course, type GapItem, type StateItem } from "./course.js";
import { type FrameEvent, readFrame, readGap, readSpectrum, readState, type SpectrumEvent, WireError } from "./feed-events.js";
import { MessageReader } from "./message-reader.js";
import { piecesOf, refusalFrom, Server, type ServerOptions, textOf } from "./server.js";
import { IDLE_MS } from "./socket.js";

/** The server ends this stream for good: `strict` met a gap, its feed cost too much, or the source does not allow it. */
export interface EndItem {
  type: "end";
  reason: string;
}

export interface FrameItem extends FrameEvent {
  type: "frame";
  /** Indices that it covers; more than there are samples when `decimate` is not 1. */
  samples: number;
  decimate: number;
  /** Of the filter before decimation; 0 without. */
  delay_samples: number;
}

export interface SpectrumItem extends SpectrumEvent {
  type: "spectrum";
  /** Radians; null unless asked for, as everything below. */
  phase_a: Float32Array | null;
  phase_b: Float32Array | null;
  cross_magnitude: Float32Array | null;
  cross_phase: Float32Array | null;
  cross_coherence: Float32Array | null;
}

/** What does not come is told as a gap in its place. */
export type FeedItem<E> = E | GapItem | StateItem | EndItem;

export interface FeedOptions extends ServerOptions {
  /** Parameters of the stream as docs/wire.md has them: `policy`, `fps`, `size`, … */
  query?: Record<string, string | number | boolean>;
  /** Ends the iteration with the signal's reason. */
  signal?: AbortSignal;
  /** Goes on behind this event, `<epoch>:<first_sample>`, if the server still has what follows. */
  last_event_id?: string;
  onPhase?: (phase: Phase) => void;
  /** For the jitter of reconnecting, from 0 to 1. */
  random?: () => number;
}

interface Kind<E> {
  path: string;
  name: string;
  covers: boolean;
  read: (message: BinaryMessage) => E;
}

const FRAMES: Kind<FrameItem> = { path: "/api/audio/stream/audio", name: "frame", covers: true, read: frameItem };
const SPECTRA: Kind<SpectrumItem> = { path: "/api/audio/stream/spectral", name: "spectrum", covers: false, read: spectrumItem };

/**
 * Frames and what happens between them, until the source or `signal` ends it; `break` closes the stream. A reader that does
 * not ask in time is late, and the server does what `policy` says. Throws `ApiError` when the server refuses for good.
 */
export function frames(base_url: string, options: FeedOptions = {}): AsyncGenerator<FeedItem<FrameItem>, void, undefined> {
  return follow(FRAMES, base_url, options);
}

/** Spectra in the same way. */
export function spectra(base_url: string, options: FeedOptions = {}): AsyncGenerator<FeedItem<SpectrumItem>, void, undefined> {
  return follow(SPECTRA, base_url, options);
}

async function* follow<E extends FrameItem | SpectrumItem>(kind: Kind<E>, base_url: string, options: FeedOptions): AsyncGenerator<FeedItem<E>, void, undefined> {
  const { signal, onPhase = () => {}, random = Math.random } = options;
  const server = new Server(base_url, options);
  const course = new Course(kind.covers, options.last_event_id ?? null);
  for (let attempt = 0; ; ) {
    onPhase({ phase: "connecting" });
    const ending: Ending = { refusal: null };
    for await (const item of connectOnce(kind, server, options, course, ending)) {
      if (item.type === kind.name) attempt = 0;
      yield item;
      if (item.type === "end") return;
    }
    signal?.throwIfAborted();
    const { reason, retry_after_ms } = ending.refusal ?? { reason: "the connection was lost", retry_after_ms: null };
    const delay_ms = Math.max(backoff_ms(attempt++, random), retry_after_ms ?? 0);
    onPhase({ phase: "waiting", reason, retry_at_ms: Date.now() + delay_ms });
    await pause(delay_ms, signal);
  }
}

/** How a connection ended; without more it was lost. */
interface Ending {
  refusal: { reason: string; retry_after_ms: number | null } | null;
}

/** What comes until the connection ends. */
async function* connectOnce<E>(kind: Kind<E>, server: Server, options: FeedOptions, course: Course, ending: Ending): AsyncGenerator<FeedItem<E>, void, undefined> {
  const over = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, over.signal]) : over.signal;
  try {
    const response = await server.stream(pathOf(kind.path, options.query), headersOf(course.last_event_id), signal);
    options.onPhase?.({ phase: "live" });
    const reader = new MessageReader();
    for await (const piece of piecesOf(response, IDLE_MS)) {
      for (const bytes of reader.read(piece)) {
        const told = tell(kind, bytes, course);
        if (typeof told === "string") ending.refusal = { reason: told, retry_after_ms: null };
        else yield* told;
      }
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    ending.refusal ??= lossBy(error, options.onPhase);
  } finally {
    over.abort();
  }
}

/** What is to be told of a message; a text when it says why the server is about to close. */
function tell<E>({ name, read }: Kind<E>, bytes: Uint8Array<ArrayBuffer>, course: Course): FeedItem<E>[] | string {
  const { kind } = readHead(bytes);
  if (kind === name) {
    const message = decodeMessage(bytes);
    if (message.place === null) throw new WireError(`${kind} without a place`);
    const holes = course.pass(message.place);
    return holes === null ? [] : [...holes, read(message)];
  }
  if (kind === "gap") return [course.gap(readGap(decodeMessage(bytes)))].filter((item) => item !== null);
  if (kind === "state") return [course.change(readState(decodeMessage(bytes)))].filter((item) => item !== null);
  if (kind === "end") return [{ type: "end", reason: reasonOf(decodeMessage(bytes)) }];
  return kind === "shutdown" || kind === "reauth" ? reasonOf(decodeMessage(bytes)) : [];
}

/** Throws what another attempt would not change. */
function lossBy(error: unknown, onPhase: FeedOptions["onPhase"]): Ending["refusal"] {
  if (error instanceof WireError) throw error;
  const refusal = refusalFrom(error);
  if (refusal.kind === "lost") return refusal;
  const { code, message } = error as ApiError;
  onPhase?.({ phase: "denied", code, reason: message });
  throw error;
}

function pathOf(path: string, query: FeedOptions["query"] = {}): string {
  const entries = Object.entries(query).map(([name, value]) => [name, String(value)]);
  return entries.length > 0 ? `${path}?${new URLSearchParams(entries)}` : path;
}

function headersOf(last_event_id: string | null): Record<string, string> {
  return { Accept: "application/octet-stream", ...(last_event_id !== null && { "Last-Event-ID": last_event_id }) };
}

function reasonOf({ kind, meta }: BinaryMessage): string {
  return textOf((meta as { reason?: unknown } | null)?.reason ?? kind);
}

function frameItem(message: BinaryMessage): FrameItem {
  const { decimate = 1, delay_samples = 0 } = (message.meta ?? {}) as { decimate?: number; delay_samples?: number };
  const arrays: BinaryMessage["arrays"] = new Map();
  for (const [name, values] of message.arrays) arrays.set(name, values instanceof Int16Array ? fractions(values) : values);
  // With `channels=b` there is none.
  if (!arrays.has("channel_a")) arrays.set("channel_a", new Float32Array());
  return { type: "frame", ...readFrame({ ...message, arrays }), samples: message.place?.samples ?? 0, decimate, delay_samples };
}

/** Of full scale. */
const fractions = (values: Int16Array) => Float32Array.from(values, (value) => value / 32768);

function spectrumItem(message: BinaryMessage): SpectrumItem {
  const array = (name: string) => {
    const values = message.arrays.get(name);
    return values instanceof Float32Array ? values : null;
  };
  return {
    type: "spectrum",
    ...readSpectrum(message),
    phase_a: array("phase_a"),
    phase_b: array("phase_b"),
    cross_magnitude: array("cross_magnitude"),
    cross_phase: array("cross_phase"),
    cross_coherence: array("cross_coherence"),
  };
}

async function pause(delay_ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, delay_ms);
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
    signal?.addEventListener("abort", done);
  });
  signal?.throwIfAborted();
}
