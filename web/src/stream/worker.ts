// The worker of a tab: takes its feeds, lets LiveView prepare the picture, and posts it to the page at a bounded rate.
// Wiring only.

import { decodeMessage } from "@photophone/client/wire";
import { type FeedKey, keyOf } from "./feeds";
import { LiveView } from "./live-view";
import { type Feeds, type FromWorker, type StreamName, STREAMS, type Tick, type ToTab, type ToWorker, type ViewRequest } from "./messages";
import { PANELS } from "./page-feeds";
import { StreamsHost } from "./streams-host";
import { TabPort } from "./tab-port";

/** Least time between two ticks: a source at pace `fast` must not flood the page. */
const TICK_MS = 25;
/** A frame and its spectrum are two messages; waiting this long shows them in one picture. */
const TOGETHER_MS = 6;
/** Ticks that the page may leave unanswered: one that is frozen or held up gets no more until it answers. */
const UNSHOWN_TICKS = 4;

const ALL = [...STREAMS, ...PANELS];
const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const post = (message: FromWorker, transfer: Transferable[] = []) => scope.postMessage(message, transfer);

const live = new LiveView({
  onLoss: (loss) => post({ type: "loss", loss }),
  onState: (state) => post({ type: "state", state }),
  now_ms: Date.now,
  monotonic_ms: () => performance.now(),
});

/** The feeds that the screen shows, as the page said last. */
let feeds: Feeds | null = null;
let streams: TabPort | null = null;
/** Streams of this tab alone, where there is no shared worker. */
let own: StreamsHost | null = null;

/** Takes the streams from `port` and no other. */
function take(port: MessagePort): void {
  streams?.close();
  // Whatever came between the two ports is lost.
  live.connectionLost();
  streams = new TabPort(port, { receive, onGone: gone });
  want();
}

function ownStreams(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  own ??= new StreamsHost();
  own.serve(port1);
  return port2;
}

/** The picture is old from here on, and other streams are asked for. */
function gone(): void {
  receive({ type: "phase", phase: { phase: "connecting" } });
  if (own) take(ownStreams());
  else post({ type: "streams_gone" });
}

function view(request: ViewRequest): void {
  const before = feeds;
  feeds = request.feeds;
  if (ALL.some((stream) => keyIn(before, stream) !== keyIn(feeds, stream))) want();
  live.show(request);
}

/** Null for a panel that is closed, and before anything is wanted. */
function keyIn(wanted: Feeds | null, stream: StreamName): FeedKey | null {
  const feed = wanted?.[stream];
  return feed ? keyOf(feed) : null;
}

function want(): void {
  if (feeds) streams?.want(Object.values(feeds));
}

/** What a feed is for; null for one that the screen shows no more. */
function streamOf(key: FeedKey): StreamName | null {
  return ALL.find((stream) => keyIn(feeds, stream) === key) ?? null;
}

function receive(message: ToTab): void {
  if (message.type === "problem") return post({ type: "protocol", message: message.message });
  if (message.type === "phase") {
    if (message.phase.phase !== "live") live.connectionLost();
    return post(message);
  }
  const stream = message.type === "ping" ? null : streamOf(message.feed);
  if (stream === null) return;
  if (message.type === "message") show(stream, message.data);
  else if (message.type === "missed") live.missed(stream);
  else if (message.type === "fault") fail(stream, message.reason);
}

function fail(stream: StreamName, reason: string | null): void {
  if (reason !== null) live.cut(stream);
  post({ type: "fault", stream, reason });
}

function show(stream: StreamName, data: ArrayBuffer): void {
  try {
    live[stream](decodeMessage(new Uint8Array(data)));
    scheduleTick();
  } catch (error) {
    post({ type: "protocol", message: `${stream}: ${error instanceof Error ? error.message : String(error)}` });
  }
}

let last_tick_ms = 0;
let timer: ReturnType<typeof setTimeout> | null = null;
let unshown = 0;

function scheduleTick(): void {
  if (timer !== null || unshown >= UNSHOWN_TICKS) return;
  const wait_ms = last_tick_ms + TICK_MS - performance.now();
  timer = setTimeout(postTick, Math.max(wait_ms, TOGETHER_MS));
}

function postTick(): void {
  timer = null;
  const tick = live.tick();
  if (tick === null) return;
  last_tick_ms = performance.now();
  unshown++;
  post(tick, buffersOf(tick));
}

/** The page took a tick; what waited for that follows. */
function shown(): void {
  if (unshown-- >= UNSHOWN_TICKS) scheduleTick();
}

function buffersOf({ wave, spectrum, rows, lockin, cross }: Tick): Transferable[] {
  const parts = [wave, spectrum, rows, lockin, cross].flatMap((part) => Object.values(part ?? {}));
  return parts.flatMap((value) => (ArrayBuffer.isView(value) ? [value.buffer as ArrayBuffer] : []));
}

scope.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === "shown") return shown();
  if (data.type === "streams") take(data.port ?? ownStreams());
  else if (data.type === "view") view(data.view);
  else if (data.type === "pause") live.pause(data.paused);
  else if (data.type === "clear") live.clear();
  else if (data.type === "keep") live.keep(data.on);
  else if (data.type === "clear_clips") live.clearClips(data.channel);
  else streams?.retryNow();
  scheduleTick();
});
