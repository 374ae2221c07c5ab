import type { EventSourceMessage } from "eventsource-parser";
import { afterEach, describe, expect, it, vi } from "vitest";
import { eventDecoder, MAX_EVENT_CHARS, readEvents, type StreamEnd } from "./sse";

const STREAM =
  'event: state\ndata: {"state":"running","reason":"größer µ"}\n\n' +
  'id: e:0\ndata: {"first_sample":0}\n\n' +
  ": comment\n" +
  'data: {"type":"heartbeat"}\r\n\r\n' +
  "data: two\ndata: lines\n\n";

function decodeInPieces(bytes: Uint8Array, cuts: number[]): EventSourceMessage[] {
  const events: EventSourceMessage[] = [];
  const decode = eventDecoder((event) => events.push(event));
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    decode(bytes.subarray(from, to));
    from = to;
  }
  return events;
}

afterEach(() => {
  vi.useRealTimers();
});

describe("eventDecoder", () => {
  const bytes = new TextEncoder().encode(STREAM);
  const whole = decodeInPieces(bytes, []);

  it("reads names, ids, heartbeats and lines", () => {
    expect(whole.map((event) => [event.event, event.id, event.data])).toEqual([
      ["state", undefined, '{"state":"running","reason":"größer µ"}'],
      [undefined, "e:0", '{"first_sample":0}'],
      [undefined, undefined, '{"type":"heartbeat"}'],
      [undefined, undefined, "two\nlines"],
    ]);
  });

  it("reads the same when split at any byte", () => {
    for (let cut = 1; cut < bytes.length; cut++) expect(decodeInPieces(bytes, [cut])).toEqual(whole);
  });

  it("reads the same byte by byte", () => {
    expect(decodeInPieces(bytes, Array.from(bytes.keys()).slice(1))).toEqual(whole);
  });

  it("refuses an event without end", () => {
    const decode = eventDecoder(() => {});
    const megabyte = new Uint8Array(1 << 20).fill(97);
    expect(decode(new TextEncoder().encode("data: "))).toBe(true);
    let taken = 0;
    while (decode(megabyte)) taken += megabyte.length;
    expect(taken).toBeGreaterThan(MAX_EVENT_CHARS - 2 * megabyte.length);
    expect(taken).toBeLessThanOrEqual(MAX_EVENT_CHARS);
  });
});

describe("readEvents", () => {
  const read = (answer: () => Promise<Response>, signal = new AbortController().signal, idle_ms = 60_000): Promise<StreamEnd> =>
    readEvents({ url: "/x", signal, idle_ms, fetch: answer as typeof fetch, onEvent: () => {}, room: () => null });
  const json = (status: number, headers: Record<string, string> = {}) =>
    new Response(JSON.stringify({ error: { code: "c", message: "because", status } }), { status, headers });

  it("tells a refusal from a loss", async () => {
    expect(await read(async () => json(401))).toEqual({ kind: "denied", code: "c", reason: "because" });
    expect(await read(async () => json(403))).toEqual({ kind: "denied", code: "c", reason: "because" });
    expect(await read(async () => json(503, { "Retry-After": "3" }))).toEqual({
      kind: "lost",
      reason: "because",
      retry_after_ms: 3000,
    });
    expect(await read(async () => new Response("<html>", { status: 502 }))).toMatchObject({ kind: "lost" });
  });

  it("survives a server that cannot be reached", async () => {
    expect(await read(() => Promise.reject(new TypeError("failed to fetch")))).toMatchObject({ kind: "lost" });
  });

  it("says that the stream ended", async () => {
    expect(await read(async () => new Response("data: 1\n\n"))).toMatchObject({ reason: "the stream ended" });
  });

  it("says that an event is longer than it takes", async () => {
    const megabyte = new Uint8Array(1 << 20).fill(97);
    const endless = () => new ReadableStream({ pull: (controller) => controller.enqueue(megabyte) });
    const end = await read(async () => new Response(endless()));
    expect(end).toMatchObject({ kind: "unreadable", reason: expect.stringContaining("longer than this page takes") });
  });

  it("takes a fault of its caller for no loss", async () => {
    const onEvent = () => {
      throw new TypeError("a fault");
    };
    const { signal } = new AbortController();
    const answer = (async () => new Response("data: 1\n\n")) as unknown as typeof fetch;
    await expect(readEvents({ url: "/x", signal, idle_ms: 60_000, fetch: answer, onEvent, room: () => null })).rejects.toThrow("a fault");
  });

  it("reads no further while there is no room, and takes that for no silence of the server", async () => {
    vi.useFakeTimers();
    const events: string[] = [];
    let make_room = () => {};
    const rooms = [null, new Promise<void>((resolve) => (make_room = resolve))];
    const { signal } = new AbortController();
    const answer = (async () => new Response(pieces(["data: 1\n\n", "data: 2\n\n"]))) as unknown as typeof fetch;
    const onEvent = (event: EventSourceMessage) => void events.push(event.data);
    const end = readEvents({ url: "/x", signal, idle_ms: 20, fetch: answer, onEvent, room: () => rooms.shift() ?? null });
    await vi.advanceTimersByTimeAsync(60);
    expect(events).toEqual(["1"]);
    make_room();
    expect(await end).toMatchObject({ reason: "the stream ended" });
    expect(events).toEqual(["1", "2"]);
  });

  it("gives up a stream that fell silent", async () => {
    const silent = new ReadableStream({});
    const answer = (async (_url: string, init: RequestInit) => {
      init.signal?.addEventListener("abort", () => void silent.cancel().catch(() => {}));
      return { ok: true, body: { getReader: () => stuckReader(init.signal as AbortSignal) } } as unknown as Response;
    }) as unknown as () => Promise<Response>;
    expect(await read(answer, new AbortController().signal, 5)).toMatchObject({ reason: "nothing came for 0.005 s" });
  });
});

function pieces(texts: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: (controller) => {
      const text = texts.shift();
      if (text === undefined) controller.close();
      else controller.enqueue(new TextEncoder().encode(text));
    },
  });
}

function stuckReader(signal: AbortSignal) {
  return {
    read: () => new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("aborted")))),
  };
}
