import { expect, it, vi } from "vitest";
import { refusal } from "./fake-server.fixture.js";
import { whyRefused } from "./refusal.js";

const ask = (answer: () => Promise<Response>, signal = new AbortController().signal) =>
  whyRefused((async (_url: string, init: RequestInit) => {
    init.signal?.throwIfAborted();
    return await answer();
  }) as typeof fetch, { url: "/api/audio/stream/audio" }, signal);

it.each([
  [400, { kind: "denied", code: "c", reason: "status 400" }],
  [401, { kind: "denied", code: "c", reason: "status 401" }],
  [403, { kind: "denied", code: "c", reason: "status 403" }],
  [503, { kind: "lost", reason: "status 503", retry_after_ms: 5000 }],
])("tells what the server says by %i", async (status, told) => {
  expect(await ask(async () => refusal(status, { "Retry-After": "5" }))).toEqual(told);
});

it("tells a server that is away from one that would give a stream, and reads none of it", async () => {
  expect(await ask(() => Promise.reject(new TypeError("no")))).toEqual({ kind: "lost", reason: "the server cannot be reached", retry_after_ms: null });
  const cancel = vi.fn<() => void>();
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(9)), cancel });
  expect(await ask(async () => new Response(endless))).toEqual({ kind: "blocked" });
  expect(cancel).toHaveBeenCalledOnce();
  expect(await ask(async () => refusal(426))).toEqual({ kind: "blocked" });
});
