import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ToStreams, ToTab } from "./messages";

/** Requests for streams that are open. */
let open: Set<string>;
let connect: (port: MessagePort) => void;

beforeEach(async () => {
  open = new Set();
  vi.stubGlobal("fetch", async (url: string, { signal }: RequestInit) => {
    open.add(url);
    signal?.addEventListener("abort", () => open.delete(url));
    const state = new TextEncoder().encode('event: state\ndata: {"state":"running"}\n\n');
    return new Response(new ReadableStream({ start: (controller) => controller.enqueue(state) }));
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
      port2.postMessage("taken");
    });
    port2.start();
    ports.push(port1, port2);
    say({ type: "join", port: port1 }, [port1]);
  };
  const end = () => [control.port1, control.port2, ...ports].forEach((port) => port.close());
  return { join, leave: () => say({ type: "leave" }), got, end };
}

const until = (streams: number) => vi.waitFor(() => expect(open.size).toBe(streams));

it("keeps the streams for as long as a page has joined, and serves one that joins twice once", async () => {
  const [one, two] = [page(), page()];
  one.join();
  await until(2);
  await vi.waitFor(() => expect(one.got.at(-1)).toMatchObject({ event: { event: "state" } }));
  two.join();
  two.join();
  await vi.waitFor(() => expect(two.got.length).toBeGreaterThan(0));
  one.leave();
  one.leave();
  two.leave();
  await until(0);
  one.join();
  await until(2);
  one.leave();
  await until(0);
  for (const each of [one, two]) each.end();
});
