// How a page comes to the streams that all tabs share. Its worker gets a port to them of its own, so that events do not
// pass the page's main thread.

import type { FromWorker, ToStreams, ToWorker } from "./messages";

export function shareStreams(worker: Worker): void {
  const streams = openShared(worker);
  if (streams) streams.start();
  else goAlone(worker);
}

/** Null where there are no shared workers, as in browsers for phones, or where none may be opened, as with blocked storage. */
function openShared(worker: Worker): SharedStreams | null {
  try {
    return new SharedStreams(worker);
  } catch {
    return null;
  }
}

function goAlone(worker: Worker): void {
  worker.postMessage({ type: "streams", port: null } satisfies ToWorker);
}

class SharedStreams {
  /** Whether the page is left, though perhaps kept to go back to. */
  private left = false;
  /** Whether a shared worker said anything yet; before that, an error means that there is none to be had. */
  private heard = false;
  /** Ends all listening, once the worker keeps streams of its own. */
  private readonly alone = new AbortController();
  private shared = this.open();

  constructor(private readonly worker: Worker) {}

  start(): void {
    this.join();
    const { signal } = this.alone;
    this.worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => this.hear(data), { signal });
    // Said by the page, as its worker may not live long enough to. A page that is kept to go back to joins anew.
    window.addEventListener("pagehide", () => this.leave(), { signal });
    window.addEventListener("pageshow", ({ persisted }) => persisted && this.comeBack(), { signal });
  }

  private open(): SharedWorker {
    const shared = new SharedWorker(new URL("./streams-worker.ts", import.meta.url), { type: "module", name: "streams" });
    shared.addEventListener("error", () => shared === this.shared && this.fail(), { signal: this.alone.signal });
    return shared;
  }

  /**
   * Browsers tell errors of the script that runs in the same way; one that runs is not to be left for that. Where one ran
   * before, the tabs go on asking for another: with streams of their own they would use up all connections.
   */
  private fail(): void {
    if (this.heard) return;
    this.alone.abort();
    goAlone(this.worker);
  }

  private hear({ type }: FromWorker): void {
    if (type === "streams_gone") this.joinAnew();
    else this.heard ||= type === "phase";
  }

  private join(): void {
    const { port1, port2 } = new MessageChannel();
    this.shared.port.postMessage({ type: "join", port: port1 } satisfies ToStreams, [port1]);
    this.worker.postMessage({ type: "streams", port: port2 } satisfies ToWorker, [port2]);
  }

  /** To another shared worker when this one died, whose object is then of no use, and to the same when it was held up. */
  private joinAnew(): void {
    if (this.left) return;
    this.say({ type: "leave" });
    this.shared.port.close();
    this.shared = this.open();
    this.join();
  }

  private leave(): void {
    this.left = true;
    this.say({ type: "leave" });
  }

  private comeBack(): void {
    this.left = false;
    // It may have died meanwhile.
    this.joinAnew();
  }

  private say(message: ToStreams): void {
    this.shared.port.postMessage(message);
  }
}
