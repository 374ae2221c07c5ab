// Several subscriptions on one WebSocket: which are asked for, what the server answers, and where each goes on after a loss.

import { ApiError, type ErrorBody } from "./api-error.js";
import type { Heard } from "./connection.js";
import { eventOf, parse } from "./delivery.js";
import type { Listener } from "./event-source.js";
import type { RealtimeEvent, Subscription } from "./events.js";
import { isBehind } from "./place.js";
import { textOf } from "./server.js";
import type { SocketLike } from "./socket.js";

/** The one that a connection has of itself. */
export const DEFAULT = "default";

interface Line {
  subscription: Subscription;
  /** Answers that are to come; until the last is there, what comes may be of what was asked for before. */
  awaited: number;
  /** Whether the server has it. */
  open: boolean;
  was_open: boolean;
  /** Of the newest event that came for it. */
  place: string | null;
}

export interface SocketListener extends Omit<Listener, "onEvent"> {
  /** An event that is new to the subscriptions of these ids. */
  onEvent: (event: RealtimeEvent, ids: string[]) => void;
}

export class SocketSubscriptions {
  private readonly lines = new Map<string, Line>();
  private socket: SocketLike | null = null;

  constructor(private readonly listener: SocketListener) {}

  set(id: string, subscription: Subscription): void {
    const line = { subscription, awaited: this.lines.get(id)?.awaited ?? 0, open: false, was_open: false, place: null };
    this.lines.set(id, line);
    this.ask(id, line);
  }

  drop(id: string): void {
    if (this.lines.delete(id)) this.say({ type: "unsubscribe", id });
  }

  connected(socket: SocketLike): void {
    this.disconnected();
    this.socket = socket;
    if (!this.lines.has(DEFAULT)) this.say({ type: "unsubscribe", id: DEFAULT });
    for (const [id, line] of this.lines) this.ask(id, line);
  }

  disconnected(): void {
    this.socket = null;
    for (const line of this.lines.values()) Object.assign(line, { open: false, awaited: 0 });
  }

  hear(data: string | ArrayBuffer): Heard {
    try {
      if (typeof data !== "string") return "word";
      const value = parse(data);
      return typeof value["type"] === "string" ? this.hearWord(value["type"], value) : this.take(value);
    } catch (error) {
      this.listener.onProblem(error instanceof Error ? error : new Error(textOf(error)));
      return "word";
    }
  }

  private take(value: Record<string, unknown>): Heard {
    const place = typeof value["place"] === "string" ? value["place"] : null;
    const event = eventOf(value, place);
    const fresh = event.subscription_ids.filter((id) => this.isFresh(id, place));
    if (fresh.length > 0) this.listener.onEvent(event, fresh);
    return "data";
  }

  private isFresh(id: string, place: string | null): boolean {
    const line = this.lines.get(id);
    if (!line?.open) return false;
    if (place === null) return true;
    if (!isBehind(place, line.place)) return false;
    line.place = place;
    return true;
  }

  private hearWord(type: string, { id, missed, reason, error, place }: Record<string, unknown>): Heard {
    if (type === "shutdown" || type === "reauth") return { farewell: textOf(reason ?? type) };
    if (type === "lagged") {
      this.listener.onLagged({ missed: typeof missed === "number" ? missed : null });
      return "data";
    }
    const line = typeof id === "string" ? this.lines.get(id) : undefined;
    if (type === "subscribed" && line !== undefined) this.opened(line, place);
    if (type === "error") this.refused(typeof id === "string" ? id : null, line, error as ErrorBody["error"] | undefined);
    return "word";
  }

  private opened(line: Line, place: unknown): void {
    if (--line.awaited > 0) return;
    line.open = true;
    // Without a place there was nothing to resume from: what happened meanwhile is not known.
    if (line.was_open && line.place === null) this.listener.onLagged({ missed: null });
    line.was_open = true;
    if (typeof place === "string") line.place ??= place;
  }

  private refused(id: string | null, line: Line | undefined, error: ErrorBody["error"] | undefined): void {
    const { code = "unexpected_answer", message = "the server refused without a reason", status = 0 } = error ?? {};
    this.listener.onProblem(new ApiError(code, id === null ? message : `subscription ${id}: ${message}`, status));
    if (id === null || line === undefined || line.open) return;
    if (--line.awaited > 0 || line.place === null) return;
    // The place may be what it does not know; asked once more without it.
    line.place = null;
    this.ask(id, line);
  }

  private ask(id: string, line: Line): void {
    if (this.socket === null) return;
    line.awaited++;
    this.say({ type: "subscribe", ...line.subscription, id, ...(line.place !== null && { after: line.place }) });
  }

  private say(word: object): void {
    this.socket?.send(JSON.stringify(word));
  }
}
