// A WebSocket, once: opens it, hands on what comes, and says how it ended. Does not reconnect (see connection.ts).

import type { Transport } from "./connection.js";
import { lost, type Question, type Refusal, whyRefused } from "./refusal.js";

/** Silence after which the server is taken for dead. Longer than its default heartbeat of 5 s by far. */
export const IDLE_MS = 30_000;
/** Silence after which the server is asked for a word; with heartbeats off it sends none while there are no samples. */
const ASK_MS = 10_000;

type SocketEnd =
  /** It never opened; browsers do not tell why. */
  | { kind: "refused" }
  | { kind: "lost"; reason: string };

/** Answered by a word; pings of WebSocket itself are not seen here. */
const PING = JSON.stringify({ type: "ping" });

export interface SocketTransportOptions {
  open: () => WebSocket;
  /** The socket is open, and knows of no subscription. */
  onOpen: (socket: WebSocket) => void;
  /** What the server is asked over HTTP when it does not open. */
  question: Question;
  fetch?: typeof fetch;
}

/** Connects by WebSocket; of one that does not open the server is asked why. */
export function overSocket(options: SocketTransportOptions): Transport<string | ArrayBuffer> {
  const asker: typeof fetch = options.fetch ?? ((input, init) => fetch(input, init));
  return async (signal, onMessage): Promise<Refusal> => {
    const end = await runSocket({ ...options, signal, idle_ms: IDLE_MS, ask_ms: ASK_MS, onMessage });
    return end.kind === "lost" ? lost(end.reason) : await whyRefused(asker, options.question, signal);
  };
}

interface SocketOptions extends Pick<SocketTransportOptions, "open" | "onOpen"> {
  signal: AbortSignal;
  /** Silence after which it is taken for dead, in milliseconds. */
  idle_ms: number;
  /** Silence after which it is asked for a word, for a server that sends none by itself. */
  ask_ms: number;
  onMessage: (data: string | ArrayBuffer) => void;
}

/** Until the end, whatever the reason; nothing is handed on after it, however long the browser takes to close. */
function runSocket({ open, signal, idle_ms, ask_ms, onOpen, onMessage }: SocketOptions): Promise<SocketEnd> {
  const socket = open();
  socket.binaryType = "arraybuffer";
  return new Promise((resolve) => {
    const over = new AbortController();
    const listening = { signal: over.signal };
    let opened = false;
    let idle: ReturnType<typeof setTimeout> | undefined;
    let ask: ReturnType<typeof setTimeout> | undefined;
    const end = (how: SocketEnd) => {
      clearTimeout(idle);
      clearTimeout(ask);
      over.abort();
      socket.close();
      resolve(how);
    };
    const touch = () => {
      clearTimeout(idle);
      clearTimeout(ask);
      if (opened) ask = setTimeout(() => socket.send(PING), ask_ms);
      const reason = opened ? `nothing came for ${idle_ms / 1000} s` : "the server does not answer";
      idle = setTimeout(() => end({ kind: "lost", reason }), idle_ms);
    };
    socket.addEventListener("open", () => {
      opened = true;
      touch();
      onOpen(socket);
    }, listening);
    socket.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
      touch();
      onMessage(data);
    }, listening);
    socket.addEventListener("close", () => end(opened ? { kind: "lost", reason: "the connection was lost" } : { kind: "refused" }), listening);
    signal.addEventListener("abort", () => end({ kind: "lost", reason: "given up" }), listening);
    touch();
  });
}
