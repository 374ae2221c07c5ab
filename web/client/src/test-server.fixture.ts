// A real server for the tests: what it is asked is kept, and what it says is up to the test.

import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";

/** What somebody waits for, in the order in which it comes. */
export class Queue<T> {
  private readonly items: T[] = [];
  private wake: (() => void) | null = null;

  push = (item: T): void => {
    this.items.push(item);
    this.wake?.();
  };

  get size(): number {
    return this.items.length;
  }

  async next(): Promise<T> {
    while (this.items.length === 0) await new Promise<void>((resolve) => (this.wake = resolve));
    return this.items.shift() as T;
  }

  /** What comes next of those that are right; those before it are dropped. */
  async until(right: (item: T) => boolean): Promise<T> {
    for (;;) {
      const item = await this.next();
      if (right(item)) return item;
    }
  }

  async take(count: number): Promise<T[]> {
    const taken: T[] = [];
    while (taken.length < count) taken.push(await this.next());
    return taken;
  }
}

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: string;
  answer: ServerResponse;
}

/** One WebSocket, as the server has it. */
export interface Talk {
  headers: IncomingMessage["headers"];
  /** The words of the client, but for pings. */
  heard: Queue<Record<string, unknown>>;
  say: (word: object) => void;
  /** Ends it without a word. */
  cut: () => void;
}

export class TestServer {
  readonly asked = new Queue<Asked>();
  readonly talks = new Queue<Talk>();

  private constructor(private readonly http: HttpServer, private readonly sockets: WebSocketServer) {}

  static async start(): Promise<TestServer> {
    const http = createServer();
    const sockets = new WebSocketServer({ server: http });
    const server = new TestServer(http, sockets);
    http.on("request", (request: IncomingMessage, answer: ServerResponse) => void server.take(request, answer));
    sockets.on("connection", (socket, request) => server.talk(socket, request));
    await new Promise<void>((resolve) => void http.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets.clients) socket.terminate();
    this.http.closeAllConnections();
    await new Promise((resolve) => void this.http.close(resolve));
  }

  private async take(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const { pathname: path, searchParams: query } = new URL(request.url ?? "/", this.url);
    this.asked.push({ method: request.method ?? "", path, query, headers: request.headers, body, answer });
  }

  private talk(socket: WebSocket, { headers }: IncomingMessage): void {
    const heard = new Queue<Record<string, unknown>>();
    socket.on("message", (data) => {
      const word = JSON.parse(String(data)) as Record<string, unknown>;
      if (word["type"] !== "ping") heard.push(word);
    });
    this.talks.push({ headers, heard, say: (word) => socket.send(JSON.stringify(word)), cut: () => socket.terminate() });
  }
}

export function json(answer: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  answer.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(body));
}

export const refusal = (status: number, code: string) => ({ error: { code, message: `refused: ${code}`, status } });

/** Begins a stream of server-sent events as the server does. */
export function openEvents(answer: ServerResponse): void {
  answer.writeHead(200, { "Content-Type": "text/event-stream" }).write("retry: 1000\n");
}

export const RUN = "018f3c5e-0000-7000-8000-000000000001";

/** An event as it is delivered, without its place. */
export const event = (n: number, name = "door.opened", ids = ["default"]) => ({
  id: `id-${n}`,
  event: name,
  distinct_id: "ada",
  timestamp: "2026-01-01T00:00:00Z",
  properties: { n },
  session_id: null,
  environment: "lab",
  subscription_ids: ids,
});

export const sse = (n: number, name?: string) => `id: ${RUN}:${n}\ndata: ${JSON.stringify(event(n, name))}\n\n`;
