import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { enter, launch, newPage } from "./browser";
import { Server } from "./server";

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
