import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Connection, type Phase } from "./connection";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const refusal = (status: number, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ error: { code: "c", message: `status ${status}`, status } }), { status, headers });
const stream = () => new Response('event: state\ndata: {"state":"running"}\n\n');

/** A connection to a server that gives these answers in turn, the last one for ever. */
function connect(answers: (() => Response | Promise<Response>)[], onEvent: () => void = () => {}) {
  const phases: Phase[] = [];
  const problems: string[] = [];
  let calls = 0;
  const connection = new Connection({
    url: "/stream",
    onEvent,
    onPhase: (phase) => phases.push(phase),
    onProblem: (problem) => problems.push(problem),
    fetch: (async () => answers[Math.min(calls++, answers.length - 1)]?.()) as unknown as typeof fetch,
    random: () => 0,
    now_ms: () => 0,
  });
  const done = connection.run();
  return { connection, phases, problems, done, calls: () => calls };
}

const waits = (phases: Phase[]) => phases.flatMap((phase) => (phase.phase === "waiting" ? [phase.retry_at_ms] : []));

it("backs off while the server is away and starts over once it was live", async () => {
  const down = () => Promise.reject(new TypeError("failed to fetch"));
  const { phases, done } = connect([down, down, down, stream, down, () => refusal(401)]);
  await vi.runAllTimersAsync();
  await done;
  expect(waits(phases)).toEqual([250, 500, 1000, 250, 500]);
  expect(phases.at(-1)).toEqual({ phase: "denied", code: "c", reason: "status 401" });
});

it("obeys Retry-After", async () => {
  const { phases, done } = connect([() => refusal(503, { "Retry-After": "7" }), () => refusal(403)]);
  await vi.runAllTimersAsync();
  await done;
  expect(waits(phases)).toEqual([7000]);
});

it("is live only when something came", async () => {
  const { phases, done } = connect([() => new Response(""), () => refusal(401)]);
  await vi.runAllTimersAsync();
  await done;
  expect(phases.map((phase) => phase.phase)).toEqual(["connecting", "waiting", "connecting", "denied"]);
});

it("tries at once when asked to", async () => {
  const { connection, calls, done } = connect([() => refusal(503, { "Retry-After": "3600" }), () => refusal(401)]);
  await vi.advanceTimersByTimeAsync(10);
  expect(calls()).toBe(1);
  connection.retryNow();
  await vi.advanceTimersByTimeAsync(0);
  await done;
  expect(calls()).toBe(2);
});

it("tells of an event that is too long, and asks again after a while", async () => {
  const megabyte = new Uint8Array(1 << 20).fill(97);
  const endless = () => new Response(new ReadableStream({ pull: (controller) => controller.enqueue(megabyte) }));
  const { phases, problems, done } = connect([endless, () => refusal(401)]);
  await vi.runAllTimersAsync();
  await done;
  expect(problems).toEqual([expect.stringContaining("longer than this page takes")]);
  expect(waits(phases)).toEqual([30_000]);
});

it("tells of an event that is not understood, and reads on", async () => {
  const { phases, problems, done } = connect([stream, () => refusal(401)], () => {
    throw new Error("not JSON");
  });
  await vi.runAllTimersAsync();
  await done;
  expect(problems).toEqual(["not JSON"]);
  expect(phases.map((phase) => phase.phase)).toEqual(["connecting", "live", "waiting", "connecting", "denied"]);
});
