// The one function that talks to the JSON API, and its calls. Streams are read by stream/, not here.

import { apiError, ApiError } from "@photophone/client/parts";
import { type EventQuery, queryText } from "../events/event-query";
import type {
  AuthMethods, EventList, LiveDashboardData, ServerTime, Session, SourceStatus, StreamStats, UserList, Version,
} from "./types";

export { ApiError };

/** A login may wait for others. */
const LOGIN_WITHIN_MS = 30_000;
const ASK_WITHIN_MS = 4_000;
/** What has happened is searched on disk. */
const SEARCH_WITHIN_MS = 20_000;

interface Call {
  method?: "GET" | "POST";
  body?: unknown;
  bearer?: string;
  signal?: AbortSignal;
  within_ms?: number;
}

async function request<T>(path: string, call: Call = {}): Promise<T> {
  try {
    const response = await fetch(path, initOf(call));
    if (!response.ok) throw await apiError(response);
    return (response.status === 204 ? undefined : await response.json()) as T;
  } catch (cause) {
    if (cause instanceof ApiError || call.signal?.aborted) throw cause;
    if (cause instanceof SyntaxError) throw new ApiError("unexpected_answer", "The answer is not one of this server", 0);
    throw new ApiError("unreachable", "The server does not answer", 0);
  }
}

function initOf(call: Call): RequestInit {
  const headers = headersOf(call);
  // A server that is held up keeps a request waiting for ever.
  const patience = AbortSignal.timeout(call.within_ms ?? ASK_WITHIN_MS);
  const signal = call.signal ? AbortSignal.any([call.signal, patience]) : patience;
  const init: RequestInit = { method: call.method ?? "GET", headers, cache: "no-store", signal };
  if (call.body !== undefined) init.body = JSON.stringify(call.body);
  return init;
}

function headersOf({ body, bearer }: Call): Headers {
  const headers = new Headers({ Accept: "application/json" });
  if (body !== undefined) headers.set("Content-Type", "application/json");
  try {
    if (bearer !== undefined) headers.set("Authorization", `Bearer ${bearer}`);
  } catch {
    // A header holds Latin-1 only; what is pasted from a shortened display holds "…".
    throw new ApiError("token_invalid", "The token holds characters that no token has. Was it copied as a whole?", 0);
  }
  return headers;
}

interface Part {
  limit?: number;
  cursor?: string;
  signal?: AbortSignal;
}

function events(query: EventQuery, { limit, cursor, signal }: Part = {}): Promise<EventList> {
  const part = { ...(limit !== undefined && { limit: String(limit) }), ...(cursor !== undefined && { cursor }) };
  const call = { within_ms: SEARCH_WITHIN_MS, ...(signal && { signal }) };
  return request<EventList>(`/api/realtime/events${queryText(query, "event", part)}`, call);
}

const login = (path: string, call: Call) => request<Session>(path, { ...call, method: "POST", within_ms: LOGIN_WITHIN_MS });

export const api = {
  version: () => request<Version>("/api/version"),
  source: (signal?: AbortSignal) => request<SourceStatus>("/api/source", signal ? { signal } : {}),
  stats: (signal?: AbortSignal) => request<StreamStats>("/api/audio/stream/stats", signal ? { signal } : {}),
  time: (signal?: AbortSignal) => request<ServerTime>("/api/time", signal ? { signal } : {}),
  dashboard: (signal?: AbortSignal) => request<LiveDashboardData>("/api/realtime/dashboard", signal ? { signal } : {}),
  users: (signal?: AbortSignal) => request<UserList>("/api/realtime/users", signal ? { signal } : {}),
  events,
  session: () => request<Session>("/api/auth/session"),
  authMethods: () => request<AuthMethods>("/api/auth/methods"),
  login: (username: string, password: string) =>
    login("/api/auth/login", { body: { username, password } }),
  loginWithCode: (code: string) => login("/api/auth/code", { body: { code } }),
  loginWithToken: (token: string) => login("/api/auth/session", { bearer: token }),
  logout: () => request<void>("/api/auth/logout", { method: "POST" }),
};
