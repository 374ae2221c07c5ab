// What has happened, page by page into the past, by the server's cursor.

import { ApiError } from "../api/client";
import type { EventList, LabEvent } from "../api/types";
import { askSession } from "../auth/sign-out";
import { Store } from "../store";
import type { EventQuery } from "./event-query";

export interface ExplorerView {
  /** The newest first. */
  events: readonly LabEvent[];
  /** What the last answer said; null before the first. */
  last: Omit<EventList, "events"> | null;
  /** Over all answers. */
  looked_at: number;
  busy: boolean;
  /** Why there was no answer; `code` as the API has it. */
  fault: { code: string; message: string } | null;
}

type Ask = (query: EventQuery, more: { cursor?: string; signal: AbortSignal }) => Promise<EventList>;

const NOTHING: ExplorerView = { events: [], last: null, looked_at: 0, busy: false, fault: null };

export class Explorer {
  readonly view = new Store<ExplorerView>(NOTHING);
  private query: EventQuery | null = null;
  private current = new AbortController();

  constructor(private readonly ask: Ask) {}

  /** Begins anew. */
  async search(query: EventQuery): Promise<void> {
    this.query = query;
    this.current.abort();
    this.current = new AbortController();
    this.view.set(NOTHING);
    await this.load(null);
  }

  /** Goes on behind the oldest; or tries again what failed. */
  async older(): Promise<void> {
    const { busy, last } = this.view.get();
    if (!busy && last?.cursor !== null) await this.load(last?.cursor ?? null);
  }

  private async load(cursor: string | null): Promise<void> {
    if (this.query === null) return;
    const { signal } = this.current;
    this.view.update({ busy: true, fault: null });
    try {
      const { events, ...last } = await this.ask(this.query, { signal, ...(cursor !== null && { cursor }) });
      if (signal.aborted) return;
      const before = this.view.get();
      this.view.set({ events: [...before.events, ...events], last, looked_at: before.looked_at + last.looked_at, busy: false, fault: null });
    } catch (error) {
      if (signal.aborted) return;
      this.view.update({ busy: false, fault: faultOf(error) });
      await askSession(error);
    }
  }
}

function faultOf(error: unknown): { code: string; message: string } {
  if (error instanceof ApiError) return { code: error.code, message: error.message };
  return { code: "unknown", message: error instanceof Error ? error.message : String(error) };
}
