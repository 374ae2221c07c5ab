// Server-sent events over fetch, once: opens the stream, reads it to its end and says how it ended. Does not reconnect
// (see connection.ts). Fetch and not EventSource, because that one hides the status of a refused request.

import { createParser, type EventSourceMessage } from "eventsource-parser";
import { apiError } from "../api/client";

/** Longest event accepted, in characters: a spectrum of 262144 samples takes about 8 million. */
const MAX_EVENT_CHARS = 32_000_000;

export type StreamEnd =
  /** The session is missing, expired or lacks the scope. */
  | { kind: "denied"; code: string; reason: string }
  /** Closed, refused or broken; `retry_after_ms` when the server asks for patience. */
  | { kind: "lost"; reason: string; retry_after_ms: number | null };

/** Bytes in, events out; events may be split anywhere, also within a character. */
export function eventDecoder(onEvent: (event: EventSourceMessage) => void): (chunk: Uint8Array) => void {
  const text = new TextDecoder();
  let failure: Error | null = null;
  const parser = createParser({
    onEvent,
    onError: (error) => {
      if (error.type === "max-buffer-size-exceeded") failure = error;
    },
    maxBufferSize: MAX_EVENT_CHARS,
  });
  return (chunk) => {
    parser.feed(text.decode(chunk, { stream: true }));
    if (failure) throw failure;
  };
}

export interface ReadOptions {
  url: string;
  signal: AbortSignal;
  fetch: typeof fetch;
  /** Silence after which the stream is taken for dead, in milliseconds. */
  idle_ms: number;
  onEvent: (event: EventSourceMessage) => void;
}

/** Reads one stream until it ends, whatever the reason. Rejects only when `onEvent` throws. */
export async function readEvents(options: ReadOptions): Promise<StreamEnd> {
  const idle = new IdleAbort(options.signal, options.idle_ms);
  try {
    const headers = { Accept: "text/event-stream" };
    const response = await options.fetch(options.url, { headers, cache: "no-store", signal: idle.signal });
    if (!response.ok || response.body === null) return await refused(response);
    const reader = response.body.getReader();
    const decode = eventDecoder(options.onEvent);
    for (;;) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
      if (done || value === undefined) break;
      idle.touch();
      decode(value);
    }
    return lost(idle.expired ? `nothing came for ${options.idle_ms / 1000} s` : "the stream ended");
  } catch (error) {
    // Fetch rejects with a TypeError when the server cannot be reached and with an AbortError when aborted.
    if (error instanceof TypeError || idle.signal.aborted) {
      return lost(idle.expired ? "the server does not answer" : "the server cannot be reached");
    }
    throw error;
  } finally {
    idle.release();
  }
}

async function refused(response: Response): Promise<StreamEnd> {
  const error = await apiError(response);
  if (error.status === 401 || error.status === 403) return { kind: "denied", code: error.code, reason: error.message };
  return lost(error.message, error.retry_after_secs === null ? null : error.retry_after_secs * 1000);
}

function lost(reason: string, retry_after_ms: number | null = null): StreamEnd {
  return { kind: "lost", reason, retry_after_ms };
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

  release(): void {
    clearTimeout(this.timer);
    this.parent.removeEventListener("abort", this.onParent);
    this.controller.abort();
  }
}
