// Server-sent events over fetch, once: opens the stream, reads it to its end and says how it ended. Does not reconnect
// (see connection.ts). Fetch and not EventSource, because that one hides the status of a refused request.

import { createParser, type EventSourceMessage } from "eventsource-parser";
import { apiError } from "../api/client";

/**
 * Longest event that is taken, in characters: ten seconds of stereo at 192 kHz have up to 60 million. Longer ones, which
 * higher rates at the lowest `target_fps` make, would cost a tab gigabytes.
 */
export const MAX_EVENT_CHARS = 64_000_000;
/** Pause after an event that was too long; the next one is likely to be. */
const UNREADABLE_RETRY_MS = 30_000;
/** Most patience that a server gets; timers take more than 24 days for none at all. */
const MAX_RETRY_AFTER_MS = 3_600_000;

export type StreamEnd =
  /** The session is missing, expired or lacks the scope. */
  | { kind: "denied"; code: string; reason: string }
  /** Holds what this page cannot take, until the server is set otherwise. */
  | { kind: "unreadable"; reason: string; retry_after_ms: number }
  /** Closed, refused or broken; `retry_after_ms` when the server asks for patience. */
  | { kind: "lost"; reason: string; retry_after_ms: number | null };

/**
 * Bytes in, events out; events may be split anywhere, also within a character. The returned function says whether it can
 * go on: it cannot once an event was too long.
 */
export function eventDecoder(onEvent: (event: EventSourceMessage) => void): (chunk: Uint8Array) => boolean {
  const text = new TextDecoder();
  let whole = true;
  const parser = createParser({
    onEvent,
    onError: (error) => {
      if (error.type === "max-buffer-size-exceeded") whole = false;
    },
    maxBufferSize: MAX_EVENT_CHARS,
  });
  return (chunk) => {
    parser.feed(text.decode(chunk, { stream: true }));
    return whole;
  };
}

export interface ReadOptions {
  url: string;
  signal: AbortSignal;
  fetch: typeof fetch;
  /** Silence after which the stream is taken for dead, in milliseconds. */
  idle_ms: number;
  onEvent: (event: EventSourceMessage) => void;
  /** Null, or when there is room for more; nothing is read before. */
  room: () => Promise<void> | null;
}

/** Reads one stream until it ends, whatever the reason. Rejects only when `onEvent` throws. */
export async function readEvents(options: ReadOptions): Promise<StreamEnd> {
  const idle = new IdleAbort(options.signal, options.idle_ms);
  try {
    const headers = { Accept: "text/event-stream" };
    // Rejects when the server cannot be reached, and when aborted.
    const response = await options.fetch(options.url, { headers, cache: "no-store", signal: idle.signal }).catch(() => null);
    if (response === null) return lost(idle.expired ? "the server does not answer" : "the server cannot be reached");
    if (!response.ok || response.body === null) return await refused(response);
    if (!(await readBody(response.body, idle, options))) return unreadable();
    return lost(idle.expired ? `nothing came for ${options.idle_ms / 1000} s` : "the stream ended");
  } finally {
    idle.release();
  }
}

/** Reads to the end; false when an event is too long to go on. */
async function readBody(
  body: ReadableStream<Uint8Array>,
  idle: IdleAbort,
  { onEvent, room }: ReadOptions,
): Promise<boolean> {
  const reader = body.getReader();
  const decode = eventDecoder(onEvent);
  for (;;) {
    const wait = room();
    // Here nobody knows whether the server is silent.
    if (wait) await idle.hold(wait);
    const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
    if (done || value === undefined) return true;
    idle.touch();
    if (!decode(value)) return false;
  }
}

async function refused(response: Response): Promise<StreamEnd> {
  const error = await apiError(response);
  if (error.status === 401 || error.status === 403) return { kind: "denied", code: error.code, reason: error.message };
  const { retry_after_secs } = error;
  return lost(error.message, retry_after_secs === null ? null : Math.min(retry_after_secs * 1000, MAX_RETRY_AFTER_MS));
}

function lost(reason: string, retry_after_ms: number | null = null): StreamEnd {
  return { kind: "lost", reason, retry_after_ms };
}

function unreadable(): StreamEnd {
  const reason = `an event is longer than this page takes, ${MAX_EVENT_CHARS / 1e6} million characters`;
  return { kind: "unreadable", reason, retry_after_ms: UNREADABLE_RETRY_MS };
}

/** Aborts with its parent, or when not touched for `idle_ms`. */
class IdleAbort {
  expired = false;
  private readonly controller = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly onParent = () => this.controller.abort();

  constructor(
    private readonly parent: AbortSignal,
    private readonly idle_ms: number,
  ) {
    if (parent.aborted) this.controller.abort();
    parent.addEventListener("abort", this.onParent);
    this.touch();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  touch(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.expired = true;
      this.controller.abort();
    }, this.idle_ms);
  }

  /** Until `wait` is over no time counts. */
  async hold(wait: Promise<void>): Promise<void> {
    clearTimeout(this.timer);
    await wait;
    this.touch();
  }

  release(): void {
    clearTimeout(this.timer);
    this.parent.removeEventListener("abort", this.onParent);
    this.controller.abort();
  }
}
