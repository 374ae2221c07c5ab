import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { enter, fact, launch, newPage, numberIn, untilText } from "./browser";
import { freshLink, Server } from "./server";

let browser: Browser;
let server: Server;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

it("gives a browser's own WebSocket frames and spectra by the session of its page", async () => {
  const { page } = await newPage(browser);
  await enter(page, server.link);
  const seen = await page.evaluate(async () => {
    const socket = new WebSocket(`${location.origin.replace("http", "ws")}/api/audio/stream/ws`);
    socket.binaryType = "arraybuffer";
    const kinds: Record<string, number> = {};
    const answers: string[] = [];
    const kindOf = (bytes: ArrayBuffer) => new TextDecoder().decode(new Uint8Array(bytes, 16, 12)).replaceAll("\0", "");
    const enough = new Promise<void>((resolve) => {
      socket.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
        if (typeof data === "string") answers.push((JSON.parse(data) as { type: string }).type);
        else kinds[kindOf(data)] = (kinds[kindOf(data)] ?? 0) + 1;
        if ((kinds["frame"] ?? 0) >= 30 && (kinds["spectrum"] ?? 0) >= 30) resolve();
      });
    });
    await new Promise((resolve) => socket.addEventListener("open", resolve));
    socket.send(JSON.stringify({ type: "subscribe", id: "f", kind: "audio" }));
    socket.send(JSON.stringify({ type: "subscribe", id: "s", kind: "spectral", query: "averaging=exp:0.5&fps=30" }));
    await enough;
    const closed = new Promise<CloseEvent>((resolve) => socket.addEventListener("close", resolve));
    socket.close(1000);
    return { answers, states: kinds["state"], code: (await closed).code };
  });
  expect(seen).toEqual({ answers: ["subscribed", "subscribed"], states: 2, code: 1000 });
});

it("shows an age of frames that can be, with what it may be wrong by", async () => {
  const { page } = await newPage(browser);
  await enter(page, freshLink(server.data_dir));
  const [age_ms = Number.NaN, error_ms = Number.NaN] = (await untilText(fact(page, "Frame age"), /±/)).split("±").map(numberIn);
  // One machine, one clock.
  expect(age_ms).toBeGreaterThan(-error_ms - 1);
  expect(age_ms).toBeLessThan(5_000);
});
