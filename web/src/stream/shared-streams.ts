// How a page comes to the streams that all tabs share. Its worker gets a port to them of its own, so that events do not
// pass the page's main thread.

import type { ToStreams, ToWorker } from "./messages";

export function shareStreams(worker: Worker): void {
  const alone = () => worker.postMessage({ type: "streams", port: null } satisfies ToWorker);
  // Browsers for phones may have none; the worker then keeps streams of its own.
  if (!("SharedWorker" in globalThis)) return alone();
  const shared = new SharedWorker(new URL("./streams-worker.ts", import.meta.url), { type: "module", name: "streams" });
  shared.addEventListener("error", alone);
  const join = () => {
    const { port1, port2 } = new MessageChannel();
    shared.port.postMessage({ type: "join", port: port1 } satisfies ToStreams, [port1]);
    worker.postMessage({ type: "streams", port: port2 } satisfies ToWorker, [port2]);
  };
  join();
  // Said by the page, as its worker may not live long enough to. A page that is kept to go back to joins anew.
  window.addEventListener("pagehide", () => shared.port.postMessage({ type: "leave" } satisfies ToStreams));
  window.addEventListener("pageshow", ({ persisted }) => persisted && join());
}
