// The worker that all tabs of an origin share: keeps one socket for them. Wiring only.

import type { ToStreams } from "./messages";
import { StreamsHost } from "./streams-host";

const scope = globalThis as unknown as SharedWorkerGlobalScope;
const host = new StreamsHost();

scope.addEventListener("connect", ({ ports: [control] }) => {
  let leave = () => {};
  control?.addEventListener("message", ({ data }: MessageEvent<ToStreams>) => {
    leave();
    leave = data.type === "join" ? host.serve(data.port) : () => {};
  });
  control?.start();
});
