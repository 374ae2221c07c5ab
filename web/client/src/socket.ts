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

/** As much of a WebSocket as is used here: a browser's own has it, and that of `ws`. */
export interface SocketLike {
  binaryType: string;
  send(text: string): void;
  close(): void;
  addEventListener(type: "open" | "close" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { data: string | ArrayBuffer }) => void): void;
}

export interface SocketTransportOptions {
  open: () => SocketLike | Promise<SocketLike>;
  /** The socket is open, and knows of no subscription. */
  onOpen: (socket: SocketLike) => void;
  /** What the server is asked over HTTP when it does not open. */
  question: Question | (() => Promise<Question>);
  fetch?: typeof fetch;
}

/** Connects by WebSocket; of one that does not open the server is asked why. */
export function overSocket(options: SocketTransportOptions): Transport<string | ArrayBuffer> {
  const asker: typeof fetch = options.fetch ?? ((input, init) => fetch(input, init));
  return async (signal, onMessage): Promise<Refusal> => {
    try {
      const opening = options.open();
      const socket = opening instanceof Promise ? await opening : opening;
      const end = await runSocket({ onOpen: options.onOpen, socket, signal, idle_ms: IDLE_MS, ask_ms: ASK_MS, onMessage });
      if (end.kind === "lost") return lost(end.reason);
      const { question } = options;
      return await whyRefused(asker, typeof question === "function" ? await question() : question, signal);
    } catch (error) {
      return lost(error instanceof Error ? error.message : String(error));
    }
  };
}

interface SocketOptions extends Pick<SocketTransportOptions, "onOpen"> {
  socket: SocketLike;
  signal: AbortSignal;
  /** Silence after which it is taken for dead, in milliseconds. */
  idle_ms: number;
  /** Silence after which it is asked for a word, for a server that sends none by itself. */
  ask_ms: number;
  onMessage: (data: string | ArrayBuffer) => void;
}

/** Until the end, whatever the reason; nothing is handed on after it, however long the browser takes to close. */
function runSocket({ socket, signal, idle_ms, ask_ms, onOpen, onMessage }: SocketOptions): Promise<SocketEnd> {
  socket.binaryType = "arraybuffer";
  return new Promise((resolve) => {
    const over = new AbortController();
    // Not every WebSocket takes a signal with its listeners.
    const unlessOver = <T extends unknown[]>(listener: (...told: T) => void) => (...told: T) => void (over.signal.aborted || listener(...told));
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
    socket.addEventListener("open", unlessOver(() => {
      opened = true;
      touch();
      onOpen(socket);
    }));
    socket.addEventListener("message", unlessOver(({ data }) => {
      touch();
      onMessage(data);
    }));
    socket.addEventListener("close", unlessOver(() => end(opened ? { kind: "lost", reason: "the connection was lost" } : { kind: "refused" })));
    // It closes after an error, too; but one that nobody hears ends a program of Node.js.
    socket.addEventListener("error", () => {});
    const giveUp = () => end({ kind: "lost", reason: "given up" });
    signal.addEventListener("abort", giveUp, { signal: over.signal });
    if (signal.aborted) giveUp();
    else touch();
  });
}
