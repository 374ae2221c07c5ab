// A tab's end of its port to the streams: answers each message, and notices when nobody keeps them any more. A shared
// worker lives in the process of the tab that opened it, and dies with that one without a word to the others.

import type { Feed } from "./feeds";
import type { FromTab, ToTab } from "./messages";

/** How often is looked whether something came; as often as the streams ask a tab that gets nothing else. */
const LOOK_MS = 5_000;
/** Looks without a message that are allowed. Counted, not measured: this worker may have been frozen with its messages. */
const QUIET_LOOKS = 3;

export interface TabPortOptions {
  receive: (message: ToTab) => void;
  /** The streams are gone: the port is closed, and nothing follows. */
  onGone: () => void;
}

export class TabPort {
  private quiet_looks = 0;
  private readonly timer = setInterval(() => this.look(), LOOK_MS);

  constructor(
    private readonly port: MessagePort,
    private readonly options: TabPortOptions,
  ) {
    port.addEventListener("message", ({ data }: MessageEvent<ToTab>) => this.take(data));
    port.start();
  }

  retryNow(): void {
    this.say({ type: "retry" });
  }

  want(feeds: Feed[]): void {
    this.say({ type: "want", feeds });
  }

  close(): void {
    clearInterval(this.timer);
    this.port.close();
  }

  private take(message: ToTab): void {
    this.quiet_looks = 0;
    this.options.receive(message);
    this.say({ type: "taken" });
  }

  private say(word: FromTab): void {
    this.port.postMessage(word);
  }

  private look(): void {
    if (++this.quiet_looks <= QUIET_LOOKS) return;
    this.close();
    this.options.onGone();
  }
}
