// The worker of a tab: keeps both streams open, lets LiveView prepare the picture, and posts it to the page at a bounded
// rate. Wiring only.

import type { EventSourceMessage } from "eventsource-parser";
import { Connection } from "./connection";
import { LiveView } from "./live-view";
import type { FromWorker, StreamName, Tick, ToWorker } from "./messages";

/** Least time between two ticks: a source at pace `fast` must not flood the page. */
const TICK_MS = 25;
/** A frame and its spectrum come by two streams; waiting this long shows them in one picture. */
const TOGETHER_MS = 6;

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const post = (message: FromWorker, transfer: Transferable[] = []) => scope.postMessage(message, transfer);

const live = new LiveView({
  onLoss: (loss) => post({ type: "loss", loss }),
  onState: (state) => post({ type: "state", state }),
  now_ms: Date.now,
  monotonic_ms: () => performance.now(),
});

const streams: Record<StreamName, Connection> = {
  audio: open("audio", (event) => live.audio(event)),
  spectral: open("spectral", (event) => live.spectral(event)),
};

function open(stream: StreamName, handle: (event: EventSourceMessage) => void): Connection {
  return new Connection({
    url: `/api/audio/stream/${stream}`,
    onEvent: (event) => {
      handle(event);
      scheduleTick();
    },
    onProblem: (message) => post({ type: "protocol", message: `${stream}: ${message}` }),
    onPhase: (phase) => {
      if (stream === "audio" && phase.phase === "waiting") live.connectionLost();
      post({ type: "phase", stream, phase });
    },
  });
}

let last_tick_ms = 0;
let timer: ReturnType<typeof setTimeout> | null = null;

function scheduleTick(): void {
  if (timer !== null) return;
  const wait_ms = last_tick_ms + TICK_MS - performance.now();
  timer = setTimeout(postTick, Math.max(wait_ms, TOGETHER_MS));
}

function postTick(): void {
  timer = null;
  const tick = live.tick();
  if (tick === null) return;
  last_tick_ms = performance.now();
  post(tick, buffersOf(tick));
}

function buffersOf({ wave, spectrum, rows }: Tick): Transferable[] {
  const arrays = [wave?.x, wave?.a, wave?.b, wave?.holes, rows?.bytes];
  arrays.push(spectrum?.x, spectrum?.a, spectrum?.b ?? undefined, spectrum?.hold_a ?? undefined, spectrum?.hold_b ?? undefined);
  return arrays.flatMap((array) => (array ? [array.buffer as ArrayBuffer] : []));
}

scope.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === "view") live.show(data.view);
  else if (data.type === "pause") live.pause(data.paused);
  else if (data.type === "clear") live.clear();
  else if (data.type === "clear_clips") live.clearClips(data.channel);
  else for (const stream of Object.values(streams)) stream.retryNow();
  scheduleTick();
});

for (const stream of Object.values(streams)) void stream.run();
