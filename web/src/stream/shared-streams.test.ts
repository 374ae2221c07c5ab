import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { FromWorker, ToStreams, ToWorker } from "./messages";
import { shareStreams } from "./shared-streams";

/** Every shared worker that the page asked for, and what it told each. */
let opened: FakeShared[];
let page: EventTarget;

class FakeShared extends EventTarget {
  readonly told: string[] = [];
  readonly port = { postMessage: (message: ToStreams) => this.told.push(message.type), close: () => this.told.push("close") };
  constructor() {
    super();
    opened.push(this);
  }
}

/** The tab's worker; `ports` says for each time that it was given streams whether they came by a port. */
class FakeWorker extends EventTarget {
  readonly ports: boolean[] = [];
  postMessage = (message: ToWorker) => message.type === "streams" && this.ports.push(message.port !== null);
  say = (data: FromWorker) => this.dispatchEvent(new MessageEvent("message", { data }));
}

beforeEach(() => {
  opened = [];
  page = new EventTarget();
  vi.stubGlobal("window", page);
  vi.stubGlobal("SharedWorker", FakeShared);
});

afterEach(() => void vi.unstubAllGlobals());

function share() {
  const worker = new FakeWorker();
  shareStreams(worker as unknown as Worker);
  return worker;
}

const told = () => opened.map((shared) => shared.told);
const show = (persisted: boolean) => page.dispatchEvent(Object.assign(new Event("pageshow"), { persisted }));
const hide = () => page.dispatchEvent(new Event("pagehide"));

it("keeps streams of its own where there are no shared workers", () => {
  vi.stubGlobal("SharedWorker", undefined);
  Reflect.deleteProperty(globalThis, "SharedWorker");
  expect(share().ports).toEqual([false]);
});

it("keeps streams of its own where shared workers are not allowed", () => {
  vi.stubGlobal("SharedWorker", () => {
    throw new DOMException("storage is blocked", "SecurityError");
  });
  expect(share().ports).toEqual([false]);
});

it("leaves with the page, and joins anew when the page is gone back to", () => {
  const worker = share();
  show(false);
  hide();
  show(true);
  expect([told(), worker.ports]).toEqual([[["join", "leave", "leave", "close"], ["join"]], [true, true]]);
});

it("asks for another shared worker when the streams are gone, each time", () => {
  const worker = share();
  worker.say({ type: "streams_gone" });
  worker.say({ type: "streams_gone" });
  hide();
  expect(told()).toEqual([["join", "leave", "close"], ["join", "leave", "close"], ["join", "leave"]]);
  expect(worker.ports).toEqual([true, true, true]);
});

it("joins no streams for a page that was left", () => {
  const worker = share();
  hide();
  worker.say({ type: "streams_gone" });
  expect(told()).toEqual([["join", "leave"]]);
  show(true);
  worker.say({ type: "streams_gone" });
  expect(opened.length).toBe(3);
});

it("goes alone, once and for good, when there is no shared worker after all", () => {
  const worker = share();
  for (let n = 0; n < 2; n++) opened[0]?.dispatchEvent(new Event("error"));
  hide();
  show(true);
  worker.say({ type: "streams_gone" });
  expect([told(), worker.ports]).toEqual([[["join"]], [true, false]]);
});

it("does not leave a shared worker that runs for an error in it, and goes on asking for another that does", () => {
  const worker = share();
  worker.say({ type: "phase", phase: { phase: "connecting" } });
  opened[0]?.dispatchEvent(new Event("error"));
  expect(worker.ports).toEqual([true]);
  worker.say({ type: "streams_gone" });
  opened[0]?.dispatchEvent(new Event("error"));
  expect(worker.ports).toEqual([true, true]);
  opened[1]?.dispatchEvent(new Event("error"));
  expect(worker.ports).toEqual([true, true]);
  worker.say({ type: "streams_gone" });
  expect(worker.ports).toEqual([true, true, true]);
});
