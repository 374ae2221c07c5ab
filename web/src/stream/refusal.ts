// Why a WebSocket could not be opened, which browsers keep to themselves: the server is asked for a stream over HTTP, for
// which it has the same rules, and the answer is not read.

import { apiError } from "../api/client";

const URL_OF_A_STREAM = "/api/audio/stream/audio";
const ANSWER_WITHIN_MS = 10_000;
/** Most patience that a server gets; timers take more than 24 days for none at all. */
const MAX_RETRY_AFTER_MS = 3_600_000;

export type Refusal =
  /** The session is missing, expired or lacks the scope. */
  | { kind: "denied"; code: string; reason: string }
  /** The server would give a stream: what does not get through is the WebSocket. */
  | { kind: "blocked" }
  /** Away, or refused; `retry_after_ms` when the server asks for patience. */
  | { kind: "lost"; reason: string; retry_after_ms: number | null };

export async function whyRefused(asker: typeof fetch, signal: AbortSignal): Promise<Refusal> {
  const patience = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const asked = { headers: { Accept: "text/event-stream" }, cache: "no-store", signal: AbortSignal.any([signal, patience]) } as const;
  const response = await asker(URL_OF_A_STREAM, asked).catch(() => null);
  if (response === null) return lost(patience.aborted ? "the server does not answer" : "the server cannot be reached");
  if (!response.ok) return await refused(response);
  await response.body?.cancel().catch(() => {});
  return { kind: "blocked" };
}

async function refused(response: Response): Promise<Refusal> {
  const error = await apiError(response);
  if (error.status === 401 || error.status === 403) return { kind: "denied", code: error.code, reason: error.message };
  const { retry_after_secs } = error;
  return lost(error.message, retry_after_secs === null ? null : Math.min(retry_after_secs * 1000, MAX_RETRY_AFTER_MS));
}

const lost = (reason: string, retry_after_ms: number | null = null): Refusal => ({ kind: "lost", reason, retry_after_ms });
