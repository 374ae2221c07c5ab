// How a server is reached: its address, who asks, and the requests that streams begin with.

import { ApiError, apiError } from "./api-error.js";
import { lost, type Refusal, refusalOf } from "./refusal.js";

const ANSWER_WITHIN_MS = 10_000;

export interface ServerOptions {
  /** Called anew for each request and each connection. Without it, the session of the page's own origin counts. */
  token?: () => string | Promise<string>;
  fetch?: typeof fetch;
}

export class Server {
  private readonly base: string;
  private readonly asker: typeof fetch;

  /** `base_url` as `http://lab:8080`; empty for the page's own server. */
  constructor(base_url: string, private readonly options: ServerOptions) {
    this.base = base_url.replace(/\/+$/, "");
    this.asker = options.fetch ?? ((input, init) => fetch(input, init));
  }

  get fetch(): typeof fetch {
    return this.asker;
  }

  get hasToken(): boolean {
    return this.options.token !== undefined;
  }

  url(path: string): string {
    return this.base + path;
  }

  /** Absolute and of its own scheme, as older browsers want it. */
  socketUrl(path: string): string {
    return (this.base || location.origin).replace(/^http/, "ws") + path;
  }

  /** Who asks, as a header. */
  async authorization(): Promise<Record<string, string>> {
    if (this.options.token === undefined) return {};
    try {
      return { Authorization: `Bearer ${await this.options.token()}` };
    } catch (cause) {
      throw new ApiError("token_unavailable", `There is no token: ${textOf(cause)}`, 0);
    }
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    const headers = { ...(await this.authorization()), "Content-Type": "application/json", Accept: "application/json" };
    return (await this.ask(path, { method: "POST", headers, body: JSON.stringify(body) }, null).then((answer) => answer.json())) as T;
  }

  /** A stream that has begun. It lasts until `signal` is aborted, or as long as the server likes. */
  async stream(path: string, more: Record<string, string>, signal: AbortSignal): Promise<Response> {
    return await this.ask(path, { headers: { ...(await this.authorization()), ...more } }, signal);
  }

  private async ask(path: string, init: RequestInit, signal: AbortSignal | null): Promise<Response> {
    // Only for the head of the answer: a stream goes on as long as it likes.
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), ANSWER_WITHIN_MS);
    const either = signal === null ? patience.signal : AbortSignal.any([signal, patience.signal]);
    try {
      const response = await this.asker(this.url(path), { cache: "no-store", ...init, signal: either });
      if (!response.ok) throw await apiError(response);
      return response;
    } catch (cause) {
      if (cause instanceof ApiError) throw cause;
      signal?.throwIfAborted();
      throw new ApiError("unreachable", patience.signal.aborted ? "the server does not answer" : "the server cannot be reached", 0);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The server said nothing for so long that it is taken for dead. */
export class Silence extends Error {}

/** The body's pieces, none read before it is asked for; throws `Silence` when one is waited for in vain. */
export async function* piecesOf({ body }: Response, idle_ms: number): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  if (body === null) return;
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await within(reader.read(), idle_ms);
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

async function within<T>(promise: Promise<T>, idle_ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Silence(`nothing came for ${idle_ms / 1000} s`)), idle_ms);
  });
  try {
    return await Promise.race([promise, silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** Why a stream ended or never began, from what was thrown. */
export function refusalFrom(error: unknown): Refusal {
  if (error instanceof ApiError) return refusalOf(error);
  return lost(error instanceof Silence ? error.message : "the connection was lost");
}

export const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
