import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FakeSocket } from "../../client/src/fake-server.fixture";
import { FRAMES } from "./feeds";
import type { FromTab, ToStreams, ToTab } from "./messages";

/** Sockets that are open. */
let open: Set<FakeSocket>;
let connect: (port: MessagePort) => void;

beforeEach(async () => {
  open = new Set();
  vi.stubGlobal("location", new URL("https://lab.example:8443/streams-worker.js"));
  vi.stubGlobal("WebSocket", function (this: unknown, url: string) {
    expect(url).toBe("wss://lab.example:8443/api/audio/stream/ws");
    const socket = new FakeSocket();
    const { close } = socket;
    socket.close = () => {
      open.delete(socket);
      close();
    };
    open.add(socket);
    queueMicrotask(() => {
      socket.open();
      socket.answer();
    });
    return socket;
  });
  vi.stubGlobal("addEventListener", (_type: string, listener: (event: { ports: MessagePort[] }) => void) => {
    connect = (port) => listener({ ports: [port] });
  });
  vi.resetModules();
  await import("./streams-worker");
});

afterEach(() => void vi.unstubAllGlobals());

/** A page and its tab's worker in one. */
function page() {
  const control = new MessageChannel();
  connect(control.port2);
  const say = (message: ToStreams, ports: MessagePort[] = []) => control.port1.postMessage(message, ports);
  const got: ToTab[] = [];
  const ports: MessagePort[] = [];
  const join = () => {
    const { port1, port2 } = new MessageChannel();
    port2.addEventListener("message", ({ data }: MessageEvent<ToTab>) => {
      got.push(data);
      port2.postMessage({ type: "taken" } satisfies FromTab);
    });
    port2.start();
    port2.postMessage({ type: "want", feeds: [FRAMES] } satisfies FromTab);
    ports.push(port1, port2);
    say({ type: "join", port: port1 }, [port1]);
  };
  const end = () => [control.port1, control.port2, ...ports].forEach((port) => port.close());
  return { join, leave: () => say({ type: "leave" }), got, end };
}

const until = (sockets: number) => vi.waitFor(() => expect(open.size).toBe(sockets));

it("keeps the socket for as long as a page has joined, and serves one that joins twice once", async () => {
  const [one, two] = [page(), page()];
  one.join();
  await until(1);
  await vi.waitFor(() => {
    for (const socket of open) socket.answer();
    expect(one.got.at(-1)).toMatchObject({ type: "message", feed: "audio?" });
  });
  two.join();
  two.join();
  await vi.waitFor(() => expect(two.got.length).toBeGreaterThan(0));
  one.leave();
  one.leave();
  two.leave();
  await until(0);
  one.join();
  await until(1);
  one.leave();
  await until(0);
  for (const each of [one, two]) each.end();
});
