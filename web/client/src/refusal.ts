// Why the server gives no stream: what it answers over HTTP, in the terms of a connection. Browsers keep to themselves why a
// WebSocket could not be opened, so the server is asked over HTTP for what it has the same rules for.

import { type ApiError, apiError } from "./api-error.js";

const ANSWER_WITHIN_MS = 10_000;
/** Most patience that a server gets; timers take more than 24 days for none at all. */
const MAX_RETRY_AFTER_MS = 3_600_000;
/** The server is there, and would open a WebSocket for who asks for one. */
const UPGRADE_REQUIRED = 426;

export type Refusal =
  /** The session or token is missing, expired or lacks the scope, or the request is wrong: asked again, it would be again. */
  | { kind: "denied"; code: string; reason: string }
  /** The server would give a stream: what does not get through is the WebSocket. */
  | { kind: "blocked" }
  /** Away, or refused; `retry_after_ms` when the server asks for patience. */
  | { kind: "lost"; reason: string; retry_after_ms: number | null };

/** What is asked instead of a WebSocket that did not open. */
export interface Question {
  url: string;
  headers?: Record<string, string>;
}

/** Asks the server; of a stream that is the answer nothing is read. */
export async function whyRefused(asker: typeof fetch, { url, headers = {} }: Question, signal: AbortSignal): Promise<Refusal> {
  const patience = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const asked = { headers: { Accept: "text/event-stream", ...headers }, cache: "no-store", signal: AbortSignal.any([signal, patience]) } as const;
  const response = await asker(url, asked).catch(() => null);
  if (response === null) return lost(patience.aborted ? "the server does not answer" : "the server cannot be reached");
  if (!response.ok && response.status !== UPGRADE_REQUIRED) return refusalOf(await apiError(response));
  await response.body?.cancel().catch(() => {});
  return { kind: "blocked" };
}

export function refusalOf({ status, code, message, retry_after_secs }: ApiError): Refusal {
  if (isLasting(status)) return { kind: "denied", code, reason: message };
  return lost(message, retry_after_secs === null ? null : Math.min(retry_after_secs * 1000, MAX_RETRY_AFTER_MS));
}

/** Whether the same request will be refused again. */
export const isLasting = (status: number) => status === 400 || status === 401 || status === 403 || status === 422;

export const lost = (reason: string, retry_after_ms: number | null = null) => ({ kind: "lost", reason, retry_after_ms }) as const;
