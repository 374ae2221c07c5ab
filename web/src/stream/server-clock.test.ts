import { expect, it } from "vitest";
import { ServerClock } from "./server-clock";

/** A browser's clock at 1000 s, and a server that is 250 ms ahead; questions take what the test says, the last one on. */
function lab() {
  const now = { ms: 1e6, ahead_ms: 250, asked: 0 };
  let takes: [there_ms: number, back_ms: number][] = [];
  const utc_us = async () => {
    now.asked++;
    const [there_ms, back_ms] = (takes.length > 1 ? takes.shift() : takes[0]) ?? [0, 0];
    now.ms += there_ms;
    const us = (now.ms + now.ahead_ms) * 1000;
    now.ms += back_ms;
    return us;
  };
  const clock = new ServerClock(utc_us, () => now.ms);
  const ask = (...each: [there_ms: number, back_ms: number][]) => {
    takes = each;
    return clock.ask(new AbortController().signal);
  };
  return { ask, now };
}

it("knows the difference of the clocks within half of what the question took", async () => {
  expect(await lab().ask([5, 5])).toEqual({ offset_ms: 250, error_ms: 5 });
  const { offset_ms, error_ms } = await lab().ask([1, 39]);
  expect(error_ms).toBe(20);
  expect(Math.abs(offset_ms - 250)).toBeLessThanOrEqual(error_ms);
});

it("asks on while answers are slow, as while the page loads", async () => {
  const { ask, now } = lab();
  expect(await ask([0, 500], [0, 200], [1, 1])).toEqual({ offset_ms: 250, error_ms: 1 });
  expect(now.asked).toBe(3);
  await ask([50, 50]);
  expect(now.asked).toBe(8);
});

it("goes by the quickest of the last eight answers", async () => {
  const { ask, now } = lab();
  await ask([1, 1]);
  expect(await ask([0, 60])).toEqual({ offset_ms: 250, error_ms: 1 });
  // The server's clock was set.
  now.ahead_ms = -100;
  expect(await ask([4, 4])).toEqual({ offset_ms: -100, error_ms: 4 });
});
