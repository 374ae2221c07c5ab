import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiError } from "./api-error.js";
import type { Phase } from "./connection.js";
import { type FeedItem, type FeedOptions, type FrameItem, frames, spectra } from "./feed.js";
import { EPOCH, frameAt, golden, N, text, word } from "./golden.fixture.js";
import { json, Queue, refusal, TestServer } from "./test-server.fixture.js";

let server: TestServer;

beforeEach(async () => {
  server = await TestServer.start();
});

afterEach(async () => {
  vi.useRealTimers();
  await server.stop();
});

const STATE = { state: "running", reason: null, epoch: EPOCH, sample_rate: 48_000, channels: 2 };
const gap = (from_sample: number, to_sample: number) => ({ epoch: EPOCH, from_sample, to_sample, cause: "history", exact: false });

function open(answer: ServerResponse, ...messages: Uint8Array[]): void {
  answer.writeHead(200, { "Content-Type": "application/octet-stream" });
  answer.write(Buffer.concat(messages));
}

/** The stream of frames, its phases, and what it is asked for next. */
function read(options: FeedOptions = {}) {
  const phases = new Queue<Phase>();
  const stream = frames(server.url, { random: () => 0, onPhase: phases.push, ...options });
  const next = async () => (await stream.next()).value as FeedItem<FrameItem>;
  const back = async () => {
    const waiting = await phases.until(({ phase }) => phase === "waiting");
    vi.advanceTimersByTime(5_000);
    return { waiting, ...(await server.asked.next()) };
  };
  return { stream, next, back, phases };
}

const stopTime = () => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
const placeOf = (item: FeedItem<FrameItem>) => (item.type === "frame" ? item.first_sample : item.type);

it("asks for messages, and reads the golden frames", async () => {
  const { next } = read({ token: () => "t", query: { policy: "lossless", fps: 30 }, last_event_id: `${EPOCH}:7` });
  const first = next();
  const { path, query, headers, answer } = await server.asked.next();
  expect([path, query.toString(), headers.accept, headers.authorization, headers["last-event-id"]]).toEqual([
    "/api/audio/stream/audio", "policy=lossless&fps=30", "application/octet-stream", "Bearer t", `${EPOCH}:7`,
  ]);
  open(answer, golden("frame_i16"), golden("later_minor"), golden("heartbeat"), golden("frame_decimated"), golden("frame_f32"));
  const wanted = (name: string) => JSON.parse(text(`${name}.json`)).arrays as Record<string, number[]>;
  expect(await first).toMatchObject({ type: "frame", sample_rate: 44_100, flags: ["clipped", "nonfinite"], samples: 5, decimate: 1, delay_samples: 0 });
  expect([...((await first) as FrameItem).channel_a]).toEqual(wanted("frame_i16")["channel_a"]);
  const decimated = (await next()) as FrameItem;
  // Between the two lie samples that nobody announced.
  expect(decimated).toMatchObject({ type: "gap", from_sample: 5, to_sample: 11_464, cause: "unannounced" });
  const half = (await next()) as FrameItem;
  expect([half.decimate, half.delay_samples, half.samples, [...half.channel_a], [...half.channel_b]]).toEqual([4, 260, 12, [], [0.5, -0.25, 0.125]]);
  await next();
  const whole = (await next()) as FrameItem;
  expect([whole.first_sample, ...whole.channel_a]).toEqual([9007199254740986, ...(wanted("frame_f32")["channel_a"] ?? []).map(Math.fround)]);
});

it("reads the golden spectrum", async () => {
  const stream = spectra(server.url, { query: { cross: true } });
  const first = stream.next();
  const { path, answer } = await server.asked.next();
  open(answer, golden("estimate"));
  const { value } = await first;
  expect([path, value]).toMatchObject(["/api/audio/stream/spectral", {
    type: "spectrum", size: 4096, window: "kaiser:8.6", averages: 5.5, first_sample: 20_480, phase_a: null,
    peaks_a: [{ frequency_hz: 11.75, snr_db: 60.5, value: 0.5 }],
    magnitude_b: new Float32Array([0, 0.25, 0.75]), cross_coherence: new Float32Array([0, 1, 0.5]),
  }]);
  await stream.return();
});

it("comes back behind the last frame with a new token, and tells nothing twice", async () => {
  let tokens = 0;
  const { next, back } = read({ token: () => `t${++tokens}` });
  const state = next();
  const first = await server.asked.next();
  open(first.answer, word("state", STATE), frameAt(0), frameAt(N), word("gap", gap(2 * N, 20)));
  expect([(await state).type, placeOf(await next()), placeOf(await next()), placeOf(await next())]).toEqual(["state", 0, N, "gap"]);
  stopTime();
  first.answer.destroy();
  const later = next();
  const second = await back();
  expect([second.headers.authorization, second.headers["last-event-id"], second.waiting]).toEqual([
    "Bearer t2", `${EPOCH}:${N}`, expect.objectContaining({ reason: "the connection was lost" }),
  ]);
  open(second.answer, word("state", STATE), word("gap", gap(2 * N, 20)), frameAt(N), word("gap", gap(N, 40)), frameAt(40));
  expect(await later).toEqual({ type: "gap", ...gap(20, 40) });
  expect(placeOf(await next())).toBe(40);
});

it("comes back in the middle of a message, and when the server says farewell", async () => {
  const { next, back } = read();
  const first = next();
  const { answer } = await server.asked.next();
  open(answer, frameAt(0), frameAt(N).subarray(0, 100));
  await first;
  stopTime();
  answer.end();
  let later = next();
  const second = await back();
  expect(second.headers["last-event-id"]).toBe(`${EPOCH}:0`);
  open(second.answer, frameAt(N), word("shutdown", { reason: "an update" }));
  expect(placeOf(await later)).toBe(N);
  second.answer.end();
  later = next();
  const third = await back();
  expect(third.waiting).toMatchObject({ reason: "an update" });
  open(third.answer, frameAt(2 * N));
  expect(placeOf(await later)).toBe(2 * N);
});

it("ends with the reason when the server ends the stream", async () => {
  const { stream, next } = read({ query: { policy: "strict" } });
  const first = next();
  const { answer } = await server.asked.next();
  open(answer, word("gap", gap(0, 20)), word("end", { reason: "a gap" }));
  answer.end();
  expect([(await first).type, await next(), await stream.next()]).toEqual(["gap", { type: "end", reason: "a gap" }, { done: true, value: undefined }]);
});

it("throws what another attempt would not change", async () => {
  const denied = read();
  const first = denied.next().catch((error: unknown) => error);
  json((await server.asked.next()).answer, 400, refusal(400, "query_invalid"));
  expect(await first).toEqual(new ApiError("query_invalid", "refused: query_invalid", 400));
  const unreadable = read();
  const second = unreadable.next().catch((error: unknown) => error);
  const other = golden("frame_f32");
  other[4] = 2;
  open((await server.asked.next()).answer, other);
  expect(await second).toMatchObject({ message: expect.stringContaining("version is 2") });
});

it("waits as long as a busy server asks", async () => {
  const { next, phases } = read();
  stopTime();
  const first = next();
  json((await server.asked.next()).answer, 503, refusal(503, "streams_full"), { "Retry-After": "7" });
  await phases.until(({ phase }) => phase === "waiting");
  vi.advanceTimersByTime(6_999);
  expect(server.asked.size).toBe(0);
  vi.advanceTimersByTime(1);
  open((await server.asked.next()).answer, frameAt(0));
  expect(placeOf(await first)).toBe(0);
});

it("takes silence for the end while it waits, and not while nobody asks", async () => {
  const { next, back, phases } = read();
  stopTime();
  const first = next();
  const { answer } = await server.asked.next();
  open(answer, frameAt(0));
  await first;
  vi.advanceTimersByTime(3_600_000);
  answer.write(frameAt(N));
  expect(placeOf(await next())).toBe(N);
  expect((await phases.take(2)).map(({ phase }) => phase)).toEqual(["connecting", "live"]);
  void next();
  await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
  vi.advanceTimersByTime(30_000);
  expect((await back()).waiting).toMatchObject({ reason: "nothing came for 30 s" });
});

it.each(["waits for a frame", "waits to come back"])("ends by its signal while it %s, and closes the stream", async (when) => {
  const controller = new AbortController();
  const { stream, phases } = read({ signal: controller.signal });
  const first = stream.next().catch((error: unknown) => error);
  const { answer } = await server.asked.next();
  const closed = new Promise((resolve) => answer.on("close", resolve));
  open(answer);
  if (when === "waits to come back") answer.destroy();
  await phases.until(({ phase }) => phase === (when === "waits to come back" ? "waiting" : "live"));
  const reason = new Error("enough");
  controller.abort(reason);
  expect([await first, await stream.next()]).toEqual([reason, { done: true, value: undefined }]);
  await closed;
});

it("closes the stream when the loop is left", async () => {
  const asked = server.asked.next();
  const closed = asked.then(({ answer }) => {
    open(answer, frameAt(0), frameAt(N));
    return new Promise((resolve) => answer.on("close", resolve));
  });
  for await (const item of frames(server.url)) if (item.type === "frame") break;
  await closed;
});

it("reads no further than it is asked, so that the server sees who is slow", async () => {
  const { next, stream } = read();
  const first = next();
  const { answer } = await server.asked.next();
  open(answer, frameAt(0));
  await first;
  const FRAMES = 400_000;
  const bytes = frameAt(0);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let sent = 1;
  /** Until the socket takes no more, or all is sent. */
  const fill = () => {
    for (let takes = true; takes && sent < FRAMES; ) {
      const batch: Uint8Array[] = [];
      for (let k = 0; k < 1000 && sent < FRAMES; k++, sent++) {
        view.setBigUint64(56, BigInt(sent * N), true);
        batch.push(bytes.slice());
      }
      takes = answer.write(Buffer.concat(batch));
    }
  };
  fill();
  // What fits into the buffers of both ends goes; then nothing drains until the reader asks.
  const drained = new Promise((resolve) => answer.once("drain", () => resolve("drained")));
  const stuck_at = await untilStuck(answer, fill, () => sent);
  expect(stuck_at).toBeLessThan(FRAMES / 2);
  answer.on("drain", fill);
  for (let n = 1; n < stuck_at; n++) expect(placeOf(await next())).toBe(n * N);
  expect(await drained).toBe("drained");
  await stream.return();
});

/** Fills as long as anything drains; how many were sent when a turn of the event loop after another drained nothing. */
async function untilStuck(answer: ServerResponse, fill: () => void, sent: () => number): Promise<number> {
  for (let idle_turns = 0; idle_turns < 200; idle_turns++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (answer.writableNeedDrain) continue;
    idle_turns = 0;
    fill();
  }
  return sent();
}
