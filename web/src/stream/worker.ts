// The worker of a tab: takes both streams, lets LiveView prepare the picture, and posts it to the page at a bounded rate.
// Wiring only.

import { LiveView } from "./live-view";
import { type FromWorker, STREAMS, type Tick, type ToTab, type ToWorker } from "./messages";
import { StreamsHost } from "./streams-host";
import { TabPort } from "./tab-port";

/** Least time between two ticks: a source at pace `fast` must not flood the page. */
const TICK_MS = 25;
/** A frame and its spectrum come by two streams; waiting this long shows them in one picture. */
const TOGETHER_MS = 6;
/** Ticks that the page may leave unanswered: one that is frozen or held up gets no more until it answers. */
const UNSHOWN_TICKS = 4;

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const post = (message: FromWorker, transfer: Transferable[] = []) => scope.postMessage(message, transfer);

const live = new LiveView({
  onLoss: (loss) => post({ type: "loss", loss }),
  onState: (state) => post({ type: "state", state }),
  now_ms: Date.now,
  monotonic_ms: () => performance.now(),
});

let streams: TabPort | null = null;
/** Streams of this tab alone, where there is no shared worker. */
let own: StreamsHost | null = null;

/** Takes the streams from `port` and no other. */
function take(port: MessagePort): void {
  streams?.close();
  // Whatever came between the two ports is lost.
  live.connectionLost();
  streams = new TabPort(port, { receive, onGone: gone });
}

function ownStreams(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  own ??= new StreamsHost();
  own.serve(port1);
  return port2;
}

/** The picture is old from here on, and other streams are asked for. */
function gone(): void {
  for (const stream of STREAMS) receive({ type: "phase", stream, phase: { phase: "connecting" } });
  if (own) take(ownStreams());
  else post({ type: "streams_gone" });
}

function receive(message: ToTab): void {
  if (message.type === "event") show(message);
  else if (message.type === "missed") live.missed(message.stream);
  else if (message.type === "problem") post({ type: "protocol", message: message.message });
  else if (message.type === "phase") {
    if (message.stream === "audio" && message.phase.phase !== "live") live.connectionLost();
    post(message);
  }
}

function show({ stream, event }: ToTab & { type: "event" }): void {
  try {
    if (stream === "audio") live.audio(event);
    else live.spectral(event);
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

function buffersOf({ wave, spectrum, rows }: Tick): Transferable[] {
  const arrays = [wave?.x, wave?.a, wave?.b, wave?.holes, rows?.bytes];
  arrays.push(spectrum?.x, spectrum?.a, spectrum?.b ?? undefined, spectrum?.hold_a ?? undefined, spectrum?.hold_b ?? undefined);
  return arrays.flatMap((array) => (array ? [array.buffer as ArrayBuffer] : []));
}

scope.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === "shown") return shown();
  if (data.type === "streams") take(data.port ?? ownStreams());
  else if (data.type === "view") live.show(data.view);
  else if (data.type === "pause") live.pause(data.paused);
  else if (data.type === "clear") live.clear();
  else if (data.type === "clear_clips") live.clearClips(data.channel);
  else streams?.retryNow();
  scheduleTick();
});
