import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Connection, type Heard, type Phase } from "./connection.js";
import { FakeSocket, message, refusal, settle } from "./fake-server.fixture.js";
import { overSocket } from "./socket.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Script = (socket: FakeSocket) => void;
const WORD: Heard = "word";
const fails: Script = (socket) => socket.fail();
const works: Script = (socket) => {
  socket.open();
  socket.say(message(1, "frame"));
};
const drops: Script = (socket) => {
  works(socket);
  socket.fail();
};
/** Greets, says farewell, and leaves. */
const parts = (reason: string): Script => (socket) => {
  socket.open();
  socket.say({ type: "subscribed" });
  socket.say({ type: "shutdown", reason });
  socket.fail();
};

/** A connection to sockets that do these in turn, the last for ever, with a server that answers `asked` over HTTP. */
function connect(scripts: Script[], asked: () => Response | Promise<Response> = () => refusal(401)) {
  const phases: Phase[] = [];
  const sockets: FakeSocket[] = [];
  const hear = (data: string | ArrayBuffer): Heard => {
    if (data instanceof ArrayBuffer) return "data";
    const { type, reason } = JSON.parse(data) as { type: string; reason: string };
    if (type === "shutdown") return { farewell: reason };
    return type === "unreadable" ? { farewell: "version is 2", unreadable: true } : WORD;
  };
  const transport = overSocket({
    open: () => {
      const socket = new FakeSocket();
      const script = scripts[Math.min(sockets.length, scripts.length - 1)];
      sockets.push(socket);
      queueMicrotask(() => script?.(socket));
      return socket as unknown as WebSocket;
    },
    onOpen: () => {},
    question: { url: "/api/audio/stream/audio" },
    fetch: (async (_url: string, { signal }: RequestInit) => {
      signal?.throwIfAborted();
      return await asked();
    }) as typeof fetch,
  });
  const connection = new Connection({ transport, onMessage: hear, onPhase: (phase) => phases.push(phase), random: () => 0, now_ms: () => 0 });
  void connection.run();
  return { connection, phases, sockets };
}

const names = (phases: Phase[]) => phases.map(({ phase }) => phase);
const reasons = (phases: Phase[]) => phases.flatMap((phase) => (phase.phase === "waiting" ? [phase.reason] : []));
const waits = (phases: Phase[]) => phases.flatMap((phase) => (phase.phase === "waiting" ? [phase.retry_at_ms] : []));
const away = () => Promise.reject(new TypeError("failed to fetch"));

it("backs off while the server is away and starts over once data came", async () => {
  const { phases } = connect([fails, fails, fails, drops, fails, fails], away);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(waits(phases).slice(0, 5)).toEqual([250, 500, 1000, 250, 500]);
  expect(reasons(phases).slice(0, 4)).toEqual([...Array(3).fill("the server cannot be reached"), "the connection was lost"]);
});

it("does not hurry a server that greets and leaves, and passes on why it does", async () => {
  const { phases } = connect([parts("one"), parts("two"), parts("three"), fails]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(reasons(phases)).toEqual(["one", "two", "three"]);
  expect(waits(phases)).toEqual([250, 500, 1000]);
  expect(phases.at(-1)).toEqual({ phase: "denied", code: "c", reason: "status 401" });
});

it("is as patient as the server asks, up to an hour", async () => {
  const { phases } = connect([fails], () => refusal(503, { "Retry-After": "7" }));
  const longer = connect([fails], () => refusal(503, { "Retry-After": String(30 * 86_400) }));
  await settle();
  expect([waits(phases), reasons(phases), waits(longer.phases)]).toEqual([[7000], ["status 503"], [3_600_000]]);
});

it("blames a proxy when the server would give a stream twice in a row, and not before", async () => {
  const { phases } = connect([fails, fails, drops, fails], () => new Response("data: {}\n\n"));
  await vi.advanceTimersByTimeAsync(2_000);
  const told = reasons(phases);
  expect([told[0], told[2], told[3]]).toEqual(["the connection could not be opened", "the connection was lost", "the connection could not be opened"]);
  expect([told[1], told[4]]).toEqual([expect.stringContaining("proxy"), expect.stringContaining("docs/proxy.md")]);
});

it("takes silence for the end, before the socket opens and after", async () => {
  const silent = connect([() => {}, works]);
  await vi.advanceTimersByTimeAsync(30_000);
  expect([reasons(silent.phases), silent.sockets[0]?.closed]).toEqual([["the server does not answer"], true]);
  const { phases, sockets } = connect([works]);
  await vi.advanceTimersByTimeAsync(29_000);
  sockets[0]?.say({ type: "pong" });
  await vi.advanceTimersByTimeAsync(29_000);
  expect(names(phases)).toEqual(["connecting", "live"]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(reasons(phases)).toEqual(["nothing came for 30 s"]);
});

it("asks a silent server for a word, once it is open, and takes the answer for life", async () => {
  const { phases, sockets } = connect([works]);
  await settle();
  const asked = () => sockets[0]?.sent.map(({ type }) => type).filter((type) => type === "ping").length;
  await vi.advanceTimersByTimeAsync(9_000);
  expect(asked()).toBe(0);
  for (let n = 0; n < 12; n++) {
    await vi.advanceTimersByTimeAsync(10_000);
    sockets[0]?.answer();
  }
  expect([names(phases), sockets.length]).toEqual([["connecting", "live"], 1]);
  await vi.advanceTimersByTimeAsync(29_000);
  expect(asked()).toBe(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(reasons(phases)).toEqual(["nothing came for 30 s"]);
});

it("asks nothing of a socket that is not open", async () => {
  const { sockets } = connect([() => {}]);
  await vi.advanceTimersByTimeAsync(40_000);
  expect(sockets[0]?.sent).toEqual([]);
});

it("is not live before something came", async () => {
  const { phases, sockets } = connect([(socket) => socket.open()]);
  await settle();
  expect([names(phases), sockets[0]?.binaryType]).toEqual([["connecting"], "arraybuffer"]);
  sockets[0]?.say({ type: "subscribed" });
  expect(names(phases)).toEqual(["connecting", "live"]);
});

it("closes what it cannot read, and asks again after a while", async () => {
  const { phases, sockets } = connect([works]);
  await settle();
  sockets[0]?.say({ type: "unreadable" });
  sockets[0]?.say(message(1, "frame"));
  await settle();
  expect([sockets[0]?.closed, names(phases), waits(phases), reasons(phases)]).toEqual([true, ["connecting", "live", "waiting"], [30_000], ["version is 2"]]);
});

it.each([
  ["waits", () => refusal(503, { "Retry-After": "3600" })],
  ["was denied", () => refusal(401)],
])("tries at once when asked to while it %s", async (_when, asked) => {
  const { connection, phases, sockets } = connect([fails, fails, works], asked);
  for (let n = 1; n < 3; n++) {
    await settle();
    expect(sockets.length).toBe(n);
    connection.retryNow();
  }
  await settle();
  expect(names(phases).at(-1)).toBe("live");
});

it("tries at once when asked to while the socket does not open", async () => {
  const { connection, phases, sockets } = connect([() => {}, works]);
  await settle();
  connection.retryNow();
  await settle();
  expect([sockets[0]?.closed, names(phases)]).toEqual([true, ["connecting", "connecting", "live"]]);
});

it("leaves a live connection alone when asked to try, and connects anew when told to", async () => {
  const { connection, phases, sockets } = connect([works, fails]);
  await settle();
  connection.retryNow();
  await settle();
  expect([sockets.length, names(phases)]).toEqual([1, ["connecting", "live"]]);
  connection.askAgain();
  await settle();
  expect([sockets[0]?.closed, names(phases)]).toEqual([true, ["connecting", "live", "connecting", "denied"]]);
});

it.each([
  ["opens", () => {}, () => refusal(401), 1],
  ["asks why", fails, () => new Promise<Response>(() => {}), 1],
  ["waits", fails, () => refusal(503), 2],
  ["was denied", fails, () => refusal(401), 2],
] as const)("ends without another word or attempt when stopped while it %s", async (_when, script, asked, told) => {
  const { connection, phases, sockets } = connect([script], asked);
  await settle();
  expect(phases.length).toBe(told);
  connection.stop();
  await vi.runAllTimersAsync();
  expect([phases.length, sockets.length]).toEqual([told, 1]);
});
