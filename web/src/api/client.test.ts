import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it, vi } from "vitest";
import { api } from "./client";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** What a call is told by a server that answers so. `onHead` runs when the head of the answer has arrived. */
async function failure(call: () => Promise<unknown>, answer: (response: ServerResponse) => void, onHead = () => {}): Promise<unknown> {
  const server = createServer((_, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const { fetch } = globalThis;
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
    onHead();
    return response;
  });
  try {
    return await call().then(
      () => null,
      (error: unknown) => error,
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const half = (response: ServerResponse) => void response.writeHead(200, { "Content-Length": "100" }).write("{");

it("says of a token that no header can hold what is wrong with it", async () => {
  const error = await failure(() => api.loginWithToken("eyJhbGciOi…"), (response) => response.end("{}"));
  expect(error).toMatchObject({ name: "ApiError", code: "token_invalid", message: expect.stringContaining("characters") });
});

it("takes an answer that stops in its middle for none", async () => {
  const patience = new AbortController();
  vi.spyOn(AbortSignal, "timeout").mockReturnValue(patience.signal);
  const late = () => patience.abort(new DOMException("late", "TimeoutError"));
  expect(await failure(api.version, half, late)).toMatchObject({ name: "ApiError", code: "unreachable" });
});

it("refuses an answer that is not JSON", async () => {
  const error = await failure(api.version, (response) => response.end("<html>"));
  expect(error).toMatchObject({ name: "ApiError", code: "unexpected_answer" });
});

it("passes an abort on as one", async () => {
  const controller = new AbortController();
  const error = await failure(() => api.stats(controller.signal), half, () => controller.abort());
  expect(error).toMatchObject({ name: "AbortError" });
});

it("passes a refusal on", async () => {
  const body = JSON.stringify({ error: { code: "rate_limited", message: "too many", status: 429 } });
  const error = await failure(api.version, (response) => response.writeHead(429, { "Retry-After": "7" }).end(body));
  expect(error).toMatchObject({ code: "rate_limited", status: 429, retry_after_secs: 7 });
});
