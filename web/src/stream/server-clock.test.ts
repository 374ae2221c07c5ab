import { expect, it } from "vitest";
import { ServerClock } from "./server-clock";

/** A browser's clock at 1000 s, and a server that is 250 ms ahead; each question takes what the test says. */
function lab() {
  const now = { ms: 1e6, ahead_ms: 250 };
  let takes: [there_ms: number, back_ms: number] = [0, 0];
  const utc_us = async () => {
    now.ms += takes[0];
    const us = (now.ms + now.ahead_ms) * 1000;
    now.ms += takes[1];
    return us;
  };
  const clock = new ServerClock(utc_us, () => now.ms);
  const ask = (there_ms: number, back_ms: number) => {
    takes = [there_ms, back_ms];
    return clock.ask(new AbortController().signal);
  };
  return { ask, now };
}

it("knows the difference of the clocks within half of what the question took", async () => {
  const { ask } = lab();
  expect(await ask(5, 5)).toEqual({ offset_ms: 250, error_ms: 5 });
  const { offset_ms, error_ms } = await lab().ask(1, 39);
  expect(error_ms).toBe(20);
  expect(Math.abs(offset_ms - 250)).toBeLessThanOrEqual(error_ms);
});

it("goes by the quickest of the last eight answers", async () => {
  const { ask, now } = lab();
  await ask(1, 1);
  for (let n = 0; n < 7; n++) expect(await ask(0, 60)).toEqual({ offset_ms: 250, error_ms: 1 });
  // The server's clock was set.
  now.ahead_ms = -100;
  expect(await ask(4, 4)).toEqual({ offset_ms: -100, error_ms: 4 });
});
