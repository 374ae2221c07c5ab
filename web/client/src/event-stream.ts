// Server-sent events over fetch, once: opens them, hands on what comes, and says how it ended. EventSource sends no token.

import { createParser } from "eventsource-parser";
import { ApiError } from "./api-error.js";
import type { Transport } from "./connection.js";
import { lost } from "./refusal.js";
import { piecesOf, refusalFrom, type Server } from "./server.js";
import { IDLE_MS } from "./socket.js";

export interface ServerSentEvent {
  /** Null for an unnamed one. */
  name: string | null;
  id: string | null;
  /** Null when it shows no more than that the server is there. */
  data: string | null;
}

export interface EventStreamOptions {
  server: Server;
  path: string;
  /** The id of the event that was the last; null to begin anew. */
  last_id: () => string | null;
  /** The stream is open, and goes on behind `last_id` if there was one. */
  onOpen: () => void;
  /** The server knows no such id. */
  onIdRefused: () => void;
}

const WORD: ServerSentEvent = { name: null, id: null, data: null };

export function overEventStream({ server, path, last_id, onOpen, onIdRefused }: EventStreamOptions): Transport<ServerSentEvent> {
  return async (signal, receive) => {
    const hand = (event: ServerSentEvent) => void (signal.aborted || receive(event));
    const parser = createParser({
      onEvent: ({ event = null, id = null, data }) => hand({ name: event, id, data }),
      onComment: () => hand(WORD),
      onRetry: () => hand(WORD),
    });
    const text = new TextDecoder();
    const id = last_id();
    try {
      const response = await server.stream(path, { Accept: "text/event-stream", ...(id !== null && { "Last-Event-ID": id }) }, signal);
      onOpen();
      for await (const piece of piecesOf(response, IDLE_MS)) parser.feed(text.decode(piece, { stream: true }));
      return lost("the connection was lost");
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "last_event_id_invalid") return refusalFrom(error);
      onIdRefused();
      return lost(error.message);
    }
  };
}
