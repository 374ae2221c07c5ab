import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Connection, type Phase } from "./connection";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const refusal = (status: number, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ error: { code: "c", message: `status ${status}`, status } }), { status, headers });
const STATE = 'event: state\ndata: {"state":"running"}\n\n';
const stream = () => new Response(`${STATE}data: {"type":"heartbeat"}\n\n`);
const farewell = (event: string) => () => new Response(`${STATE}event: ${event}\ndata: {"reason":"${event} because"}\n\n`);

const untilAborted = ({ signal }: RequestInit) =>
  new Promise<Response>((_, reject) => signal?.addEventListener("abort", () => reject(new Error("aborted"))));

/** A connection to a server that gives these answers in turn, the last one for ever. */
function connect(answers: ((init: RequestInit) => Response | Promise<Response>)[], onEvent: () => void = () => {}) {
  const phases: Phase[] = [];
  const problems: string[] = [];
  let calls = 0;
  const connection = new Connection({
    url: "/stream",
    onEvent,
    onPhase: (phase) => phases.push(phase),
    onProblem: (problem) => problems.push(problem),
    fetch: (async (_url: string, init: RequestInit) => answers[Math.min(calls++, answers.length - 1)]?.(init)) as typeof fetch,
    random: () => 0,
    now_ms: () => 0,
  });
  void connection.run();
  return { connection, phases, problems, calls: () => calls };
}

const names = (phases: Phase[]) => phases.map(({ phase }) => phase);
const reasons = (phases: Phase[]) => phases.flatMap((phase) => (phase.phase === "waiting" ? [phase.reason] : []));
const waits = (phases: Phase[]) => phases.flatMap((phase) => (phase.phase === "waiting" ? [phase.retry_at_ms] : []));

it("backs off while the server is away and starts over once it was live", async () => {
  const down = () => Promise.reject(new TypeError("failed to fetch"));
  const { phases } = connect([down, down, down, stream, down, () => refusal(401)]);
  await vi.runAllTimersAsync();
  expect(waits(phases)).toEqual([250, 500, 1000, 250, 500]);
  expect(phases.at(-1)).toEqual({ phase: "denied", code: "c", reason: "status 401" });
});

it("obeys Retry-After", async () => {
  const { phases } = connect([() => refusal(503, { "Retry-After": "7" }), () => refusal(403)]);
  await vi.runAllTimersAsync();
  expect(waits(phases)).toEqual([7000]);
});

it("waits an hour at most, whatever the server asks for", async () => {
  const { phases, calls } = connect([() => refusal(503, { "Retry-After": String(30 * 86_400) }), () => refusal(403)]);
  await vi.advanceTimersByTimeAsync(3_599_000);
  expect([waits(phases), calls()]).toEqual([[3_600_000], 1]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(calls()).toBe(2);
});

it("is live only when something came", async () => {
  const { phases } = connect([() => new Response(""), () => refusal(401)]);
  await vi.runAllTimersAsync();
  expect(names(phases)).toEqual(["connecting", "waiting", "connecting", "denied"]);
});

it("asks again after a farewell, and lets the answer decide whether the session holds", async () => {
  const renewed = connect([farewell("reauth"), stream, () => refusal(401)]);
  await vi.runAllTimersAsync();
  expect(names(renewed.phases).slice(0, 5)).toEqual(["connecting", "live", "waiting", "connecting", "live"]);
  expect(reasons(renewed.phases)[0]).toBe("reauth because");
  const ended = connect([farewell("reauth"), () => refusal(401)]);
  await vi.runAllTimersAsync();
  expect(names(ended.phases)).toEqual(["connecting", "live", "waiting", "connecting", "denied"]);
});

it("passes on why the server ends a stream, and does not hurry a server that ends each at once", async () => {
  const { phases } = connect([farewell("reauth"), farewell("shutdown"), farewell("end"), () => refusal(401)]);
  await vi.runAllTimersAsync();
  expect(reasons(phases)).toEqual(["reauth because", "shutdown because", "end because"]);
  expect(waits(phases)).toEqual([250, 500, 1000]);
});

it.each([
  ["waits", () => refusal(503, { "Retry-After": "3600" })],
  ["was denied", () => refusal(401)],
])("tries at once when asked to while it %s", async (_when, answer) => {
  const { connection, phases, calls } = connect([answer, answer, stream]);
  for (let n = 1; n < 3; n++) {
    await vi.advanceTimersByTimeAsync(10);
    expect(calls()).toBe(n);
    connection.retryNow();
  }
  await vi.advanceTimersByTimeAsync(10);
  expect(names(phases)).toContain("live");
});

it("tries at once when asked to while the server does not answer", async () => {
  const { connection, phases, calls } = connect([(init) => untilAborted(init), stream]);
  await vi.advanceTimersByTimeAsync(10);
  connection.retryNow();
  await vi.advanceTimersByTimeAsync(10);
  expect(calls()).toBe(2);
  expect(names(phases).slice(0, 3)).toEqual(["connecting", "connecting", "live"]);
});

it("leaves a live stream alone when asked to try", async () => {
  const lasting = () => new Response(new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode(STATE)) }));
  const { connection, phases, calls } = connect([lasting]);
  await vi.advanceTimersByTimeAsync(10);
  connection.retryNow();
  await vi.advanceTimersByTimeAsync(10);
  expect([calls(), names(phases)]).toEqual([1, ["connecting", "live"]]);
});

it("asks anew for a live stream when told to, and says what came of it", async () => {
  const lasting = ({ signal }: RequestInit) =>
    new Response(
      new ReadableStream({
        start: (controller) => {
          controller.enqueue(new TextEncoder().encode(STATE));
          signal?.addEventListener("abort", () => controller.error(new Error("aborted")));
        },
      }),
    );
  const { connection, phases } = connect([lasting, () => refusal(401)]);
  await vi.advanceTimersByTimeAsync(10);
  connection.askAgain();
  await vi.advanceTimersByTimeAsync(10);
  expect(names(phases)).toEqual(["connecting", "live", "connecting", "denied"]);
});

it.each([
  ["is under way", (init: RequestInit) => untilAborted(init), 1],
  ["waits", () => refusal(503, { "Retry-After": "3600" }), 2],
  ["was denied", () => refusal(401), 2],
])("ends without another word or attempt when stopped while it %s", async (_when, answer, told) => {
  const { connection, phases, calls } = connect([answer]);
  await vi.advanceTimersByTimeAsync(10);
  expect(phases.length).toBe(told);
  connection.stop();
  await vi.runAllTimersAsync();
  expect([phases.length, calls()]).toEqual([told, 1]);
});

it("tells of an event that is too long, and asks again after a while", async () => {
  const megabyte = new Uint8Array(1 << 20).fill(97);
  const endless = () => new Response(new ReadableStream({ pull: (controller) => controller.enqueue(megabyte) }));
  const { phases, problems } = connect([endless, () => refusal(401)]);
  await vi.runAllTimersAsync();
  expect(problems).toEqual([expect.stringContaining("longer than this page takes")]);
  expect(waits(phases)).toEqual([30_000]);
});

it("tells of an event that is not understood, and reads on", async () => {
  const { phases, problems } = connect([stream, () => refusal(401)], () => {
    throw new Error("not JSON");
  });
  await vi.runAllTimersAsync();
  expect(problems).toEqual(["not JSON", "not JSON"]);
  expect(names(phases)).toEqual(["connecting", "live", "waiting", "connecting", "denied"]);
});
