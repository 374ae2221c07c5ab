import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { enter, fact, launch, newPage, numberIn, until, untilText } from "./browser";
import { newDataDir, Server } from "./server";

const RATE_HZ = 44_100;
const TONE_HZ = 1000;

let browser: Browser;
let server: Server;

beforeAll(async () => {
  const data_dir = newDataDir();
  const path = join(data_dir, "mono.wav");
  writeFileSync(path, monoWav(60));
  [browser, server] = await Promise.all([launch(), Server.start({ source: `wav:${path}`, data_dir })]);
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

it("shows a mono file as channel A and invents no channel B", async () => {
  const { page, problems } = await newPage(browser);
  await enter(page, server.link);
  await untilText(page.locator(".waveform"), /mono source: no channel B/);
  await untilText(page.locator(".levels"), /Channel B: none/);
  expect(await page.locator(".lane-b").count()).toBe(0);
  expect(await page.locator(".peak-b").count()).toBe(0);
  expect(await page.locator(".waterfall").getByLabel("Channel").count()).toBe(0);
  await untilText(fact(page, "Channels"), /1 of 1/);
  await untilText(fact(page, "Rate, nominal"), /44\u202f100/);
  const peak = await untilText(page.locator(".peak-a strong"), /Hz/);
  expect(Math.abs(numberIn(peak) - TONE_HZ)).toBeLessThan(0.5);
  const level = await untilText(page.locator(".meter-a .meter-peak"), /−\d/);
  expect(numberIn(level)).toBeCloseTo(-6, 0);
  await page.locator("body").press("x");
  await untilText(page.locator(".cross-body"), /A mono source has no cross-spectrum/);
  expect(problems).toEqual([]);
});

it("lets one look closer at what a file left that has ended", async () => {
  const data_dir = newDataDir();
  const path = join(data_dir, "short.wav");
  writeFileSync(path, monoWav(8));
  const short = await Server.start({ source: `wav:${path}`, data_dir });
  try {
    const { page } = await newPage(browser);
    await enter(page, short.link);
    await untilText(page.locator(".notice"), /Source finished/);
    await untilText(page.locator(".badges"), /no frame for \d+ s/);
    expect(await page.locator("main.stale").count()).toBe(0);
    const plot = page.locator(".spectrum .plot");
    const before = await plot.screenshot();
    await page.locator(".spectrum").getByLabel("Level").selectOption("−60 dB");
    await until(() => plot.screenshot(), (now) => !now.equals(before), "a spectrum over another range");
  } finally {
    await short.dispose();
  }
});

/** A sine of half full scale as 16-bit PCM. */
function monoWav(duration_s: number): Buffer {
  const samples = RATE_HZ * duration_s;
  const wav = Buffer.alloc(44 + 2 * samples);
  wav.write("RIFF", 0);
  wav.writeUInt32LE(36 + 2 * samples, 4);
  wav.write("WAVEfmt ", 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(RATE_HZ, 24);
  wav.writeUInt32LE(2 * RATE_HZ, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write("data", 36);
  wav.writeUInt32LE(2 * samples, 40);
  for (let n = 0; n < samples; n++) {
    wav.writeInt16LE(Math.round(16_384 * Math.sin((2 * Math.PI * TONE_HZ * n) / RATE_HZ)), 44 + 2 * n);
  }
  return wav;
}
