// What the tests of the socket share: WebSockets that say what the test wants, and the route that is asked when none opens.

import { vi } from "vitest";

/** A message of the server as far as the streams look into it: its head, and bytes after it. */
export function message(feed: number, kind: string, bytes = 0): ArrayBuffer {
  const length = 88 + Math.ceil(bytes / 8) * 8;
  const view = new DataView(new ArrayBuffer(length));
  view.setUint32(0, 0x8950484e);
  view.setUint16(4, 1, true);
  view.setUint16(6, 88, true);
  view.setUint32(8, length, true);
  view.setUint32(12, feed, true);
  new TextEncoder().encodeInto(kind, new Uint8Array(view.buffer, 16, 12));
  return view.buffer;
}

export class FakeSocket extends EventTarget {
  binaryType = "blob";
  closed = false;
  readonly sent: { type: string; id: string; kind?: string; query?: string }[] = [];

  send = (text: string) => void this.sent.push(JSON.parse(text));
  close = () => void (this.closed = true);

  open(): void {
    this.dispatchEvent(new Event("open"));
  }

  say(data: ArrayBuffer | object): void {
    const sent = data instanceof ArrayBuffer ? data : JSON.stringify(data);
    if (!this.closed) this.dispatchEvent(new MessageEvent("message", { data: sent }));
  }

  /** It never opened, or it ended. */
  fail(): void {
    this.closed = true;
    this.dispatchEvent(new Event("close"));
  }

  /** Answers all that was said and not yet answered as the server does: feeds have numbers by their kind. */
  answer(): void {
    for (const { type, id, kind } of this.sent.splice(0)) {
      if (type === "ping") this.say({ type: "pong" });
      else if (type === "unsubscribe") this.say({ type: "unsubscribed", id });
      else this.say({ type: "subscribed", id, feed: feedOf(kind) });
      if (type === "subscribe") this.say(message(feedOf(kind), "state"));
    }
  }
}

export const feedOf = (kind = "") => ["audio", "spectral", "levels", "envelope"].indexOf(kind) + 1;

export const refusal = (status: number, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ error: { code: "c", message: `status ${status}`, status } }), { status, headers });

/** Time for what was promised, and none of the page's timers. */
export const settle = () => vi.advanceTimersByTimeAsync(1);
