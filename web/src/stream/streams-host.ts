// Streams for the tabs behind message ports. Runs in the shared worker of all tabs, or, where a browser has none, in the
// worker of the one tab.

import { onSessionNews } from "../auth/session-news";
import type { FromTab } from "./messages";
import { Streams } from "./streams";

export class StreamsHost {
  private readonly streams = new Streams({ open: () => new WebSocket(urlOfSocket()), random: Math.random });

  constructor() {
    onSessionNews((news) => (news === "ended" ? this.streams.askAgain() : this.streams.retryNow()));
  }

  /** Gives the streams to the tab at the other end of `port`; the returned function stops that. */
  serve(port: MessagePort): () => void {
    const tab = this.streams.join(
      (message) => port.postMessage(message),
      () => port.close(),
    );
    const leave = () => {
      tab.leave();
      port.close();
    };
    port.addEventListener("message", ({ data }: MessageEvent<FromTab>) => {
      if (data.type === "taken") tab.taken();
      else if (data.type === "want") tab.want(data.feeds);
      else tab.retryNow();
    });
    port.start();
    return leave;
  }
}

/** Absolute and of its own scheme, as older browsers want it. */
const urlOfSocket = () => `${location.origin.replace(/^http/, "ws")}/api/audio/stream/ws`;
