import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { enter, launch, newPage, untilText } from "./browser";
import { eventAt, type Place } from "./events";
import { makeToken, Server } from "./server";

let browser: Browser;
let server: Server;
let page: Page;
let problems: string[];

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  ({ page, problems } = await newPage(browser));
  await enter(page, server.link);
  await page.locator("body").press("h");
  await page.getByLabel("Span").selectOption("50 ms");
  await untilText(page.locator(".peak-a strong"), /Hz/);
  await page.locator("body").press("Space");
  await untilText(page.locator(".badges"), /paused/);
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

/** Saves by the menu; returns the file's name and where it lies. */
async function save(item: string): Promise<{ name: string; path: string }> {
  await page.locator("summary", { hasText: "Save" }).click();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: item }).click()]);
  await page.getByText(`Saved ${file.suggestedFilename()}`).waitFor();
  return { name: file.suggestedFilename(), path: await file.path() };
}

interface Table {
  facts: Map<string, string>;
  rows: Map<string, number>[];
}

async function saveTable(item: string): Promise<Table> {
  const { name, path } = await save(item);
  const lines = readFileSync(path, "utf8").trimEnd().split("\r\n");
  const facts = new Map(lines.filter((line) => line.startsWith("#")).map((line) => [line.slice(2).split(": ")[0] ?? "", line.split(": ").slice(1).join(": ")]));
  const [head = "", ...body] = lines.filter((line) => !line.startsWith("#"));
  const rows = body.map((line) => new Map(head.split(",").map((key, n) => [key, Number.parseFloat(line.split(",")[n] ?? "")])));
  expect(name).toContain((facts.get("captured_utc") ?? "").slice(0, 19).replaceAll(":", "-"));
  expect(facts.get("source")).toBe("simulated cell");
  return { facts, rows };
}

const placeOf = ({ facts }: Table): Place => ({ epoch: facts.get("epoch") ?? "", first_sample: Number(facts.get("first_sample")) });
const token = () => makeToken(server.data_dir, "stream:read", "1h");

it("saves the spectrum that is seen, as the server computed it", async () => {
  const table = await saveTable("Spectrum");
  const { frequencies, magnitude_a, magnitude_b, captured_us, window } = await eventAt(server.url, token(), "spectral", placeOf(table));
  expect(table.facts.get("window")).toBe(window);
  expect(Date.parse(table.facts.get("captured_utc") ?? "")).toBe(Math.floor((captured_us as number) / 1000));
  const bins = frequencies as number[];
  const bin_hz = bins[1] as number;
  for (const row of table.rows) {
    const [from, to] = [row.get("frequency_from_hz") as number, row.get("frequency_to_hz") as number];
    const within = bins.flatMap((hz, bin) => (hz > from - bin_hz / 4 && hz < to + bin_hz / 4 ? [bin] : []));
    for (const [name, magnitudes] of [["level_a_dbfs", magnitude_a], ["level_b_dbfs", magnitude_b]] as const) {
      const loudest = Math.max(...within.map((bin) => (magnitudes as number[])[bin] as number));
      expect(row.get(name)).toBeCloseTo(20 * Math.log10(loudest), 4);
    }
    expect(row.get("max_hold_a_dbfs")).toBeGreaterThanOrEqual(row.get("level_a_dbfs") as number);
  }
  expect(table.rows.length).toBeGreaterThan(300);
});

it("saves the waveform that is seen, as the server sent it", async () => {
  const table = await saveTable("Waveform");
  const { epoch, first_sample } = placeOf(table);
  const rate = Number(table.facts.get("sample_rate_hz"));
  const samples = new Map<number, number>();
  const last = table.rows.at(-1)?.get("sample_index") as number;
  for (let next = first_sample; next <= last + 10; ) {
    const frame = await eventAt(server.url, token(), "audio", { epoch, first_sample: next });
    (frame["channel_a"] as number[]).forEach((value, n) => samples.set((frame["first_sample"] as number) + n, value));
    next = (frame["first_sample"] as number) + (frame["channel_a"] as number[]).length;
  }
  expect(table.rows[0]?.get("sample_index")).toBe(first_sample);
  expect((last - first_sample) / rate).toBeCloseTo(0.05, 2);
  table.rows.forEach((row, n) => {
    const from = row.get("sample_index") as number;
    const to = table.rows[n + 1]?.get("sample_index") ?? first_sample + Number(table.facts.get("samples"));
    const values = Array.from({ length: to - from }, (_, k) => samples.get(from + k) as number);
    expect(row.get("min_a_fs")).toBeCloseTo(Math.min(...values), 8);
    expect(row.get("max_a_fs")).toBeCloseTo(Math.max(...values), 8);
  });
});

it("saves a picture of all charts", async () => {
  const { name, path } = await save("Picture");
  expect(name).toMatch(/^photophone-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-picture\.png$/);
  const png = readFileSync(path);
  const charts = await page.locator(".charts").evaluate((element) => element.getBoundingClientRect().width);
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect(png.readUInt32BE(16)).toBeGreaterThan(charts);
  const found = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    context?.drawImage(bitmap, 0, 0);
    const third = Math.floor(bitmap.height / 3);
    return [0, 1, 2].map((n) => new Set(new Uint32Array(context?.getImageData(0, n * third, bitmap.width, third).data.buffer ?? new ArrayBuffer(0))).size);
  }, png.toString("base64"));
  for (const colours of found) expect(colours).toBeGreaterThan(20);
  expect(problems).toEqual([]);
});
