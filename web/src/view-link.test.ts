// @vitest-environment happy-dom

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { COLOR_MAPS } from "./plot/colormap";
import {
  CROSS_AVERAGINGS,
  DEFAULTS,
  FLOORS_DB,
  HARMONICS,
  isValid,
  LOCKIN_REFERENCES,
  ROW_SPECTRA,
  type Settings,
  SLOPES,
  SPANS_MS,
  STRIPS_S,
  TAUS_S,
  TOPS_DB,
} from "./settings";
import { AVERAGINGS, OVERLAPS, PEAK_COUNTS, QUANTITIES, SIZES, UNITS, WINDOWS } from "./stream/analysis";
import { linkQuery, readLink, VIEW_KEYS } from "./view-link";

/** Numbers that look random and are the same in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

const ODD = [1e-7, 0.1, 123_456.789, 256, 4096, 65_536, 5, 8.6];
const NUMBERS = [SIZES, OVERLAPS, PEAK_COUNTS, HARMONICS, TAUS_S, SLOPES, STRIPS_S, SPANS_MS, ROW_SPECTRA, FLOORS_DB, TOPS_DB, ODD].flat();
const NAMES = [COLOR_MAPS, WINDOWS, AVERAGINGS, QUANTITIES, UNITS, LOCKIN_REFERENCES, CROSS_AVERAGINGS].flat();
const WORDS = [...NAMES, ...Object.values(DEFAULTS).filter((value) => typeof value === "string")];
const CHOICES = [true, false, null, "a", "b", "log", "linear", ...WORDS, ...NUMBERS];

/** What a setting can be, of all the values above and random frequencies. */
function valuesOf(key: keyof Settings, random: () => number): unknown[] {
  const frequencies = Array.from({ length: 200 }, () => random() * 10 ** Math.floor(random() * 7));
  return [...CHOICES, ...frequencies].filter((value) => isValid(key, value));
}

const through = (chosen: Settings) => ({ ...chosen, ...readLink(linkQuery(chosen, "")).view });

describe("a link", () => {
  it.each([...VIEW_KEYS])("carries every value of %s", (key) => {
    const values = valuesOf(key, generator(7));
    expect(values.length).toBeGreaterThan(1);
    for (const value of values) {
      const query = linkQuery({ ...DEFAULTS, [key]: value }, "");
      expect(query === "").toBe(value === DEFAULTS[key]);
      if (query === "") continue;
      expect(readLink(query)).toEqual({ view: expect.objectContaining({ [key]: value }), problems: [] });
    }
  });

  it("carries any view whole", () => {
    const random = generator(11);
    const values = new Map(VIEW_KEYS.map((key) => [key, valuesOf(key, random)]));
    for (let n = 0; n < 500; n++) {
      const picked = VIEW_KEYS.map((key) => [key, values.get(key)?.[Math.floor(random() * (values.get(key)?.length ?? 0))]]);
      const chosen = { ...DEFAULTS, ...Object.fromEntries(picked) } as Settings;
      expect(through(chosen)).toEqual(chosen);
    }
  });

  it("holds only what differs from the default, and nothing of the person", () => {
    expect(linkQuery({ ...DEFAULTS, theme: "dark", painter: "canvas2d", shortcuts: false }, "")).toBe("");
    expect(linkQuery({ ...DEFAULTS, span_ms: 50, scale: "linear" }, "?perf")).toBe("?perf&span_ms=50&scale=linear");
    expect(linkQuery(DEFAULTS, "?span_ms=50&evil=1&perf=")).toBe("?perf=");
  });

  it("tells what it cannot follow, and follows the rest", () => {
    const { view, problems } = readLink("?span_ms=33&floor_db=-80&colour=blue&theme=dark&hold=1&lo_hz=&__proto__=1");
    expect(view).toEqual(expect.objectContaining({ floor_db: -80, span_ms: DEFAULTS.span_ms, hold: false, lo_hz: null }));
    expect(view).not.toHaveProperty("theme");
    expect(problems).toEqual([
      "“span_ms” cannot be “33”",
      "“colour” is no setting",
      "“theme” is no setting",
      "“hold” cannot be “1”",
      "“lo_hz” cannot be “”",
      "“__proto__” is no setting",
    ]);
  });

  it.each(["", "?perf", "?code=x"])("is none without a view (%j)", (search) => {
    expect(readLink(search).view).toBeNull();
  });
});

let settings: typeof import("./settings").settings;
let followAddress: typeof import("./view-link").followAddress;
let shareLink: typeof import("./view-link").shareLink;

async function load(): Promise<void> {
  vi.resetModules();
  ({ settings } = await import("./settings"));
  ({ followAddress, shareLink } = await import("./view-link"));
}

async function begin(): Promise<void> {
  vi.useFakeTimers();
  localStorage.clear();
  history.replaceState(null, "", "/");
  await load();
}

function end(): void {
  vi.runAllTimers();
  vi.restoreAllMocks();
  vi.useRealTimers();
}

describe("the address", () => {
  beforeEach(begin);
  afterEach(end);

  it("wins over what was chosen here, as a whole", () => {
    settings.update({ span_ms: 500, scale: "linear", theme: "dark" });
    history.replaceState(null, "", "/?scale=log&hold=true&perf&odd=1");
    expect(followAddress()).toEqual(["“odd” is no setting"]);
    expect(settings.get()).toEqual({ ...DEFAULTS, hold: true, theme: "dark" });
    expect(location.search).toBe("?perf&hold=true");
  });

  it("follows what is chosen, without entries in the history", () => {
    const push = vi.spyOn(history, "pushState");
    followAddress();
    settings.update({ span_ms: 100 });
    vi.advanceTimersByTime(350);
    expect(location.search).toBe("?span_ms=100");
    settings.update({ span_ms: DEFAULTS.span_ms });
    vi.advanceTimersByTime(350);
    expect(location.search).toBe("");
    expect(push).not.toHaveBeenCalled();
  });

  it("is written once after many changes, and again when the browser refuses", () => {
    followAddress();
    const replace = vi.spyOn(history, "replaceState");
    replace.mockImplementationOnce(() => {
      throw new DOMException("100 times per 30 seconds", "SecurityError");
    });
    for (let n = 0; n < 200; n++) settings.update({ span_ms: n % 2 ? 100 : 500 });
    vi.advanceTimersByTime(349);
    expect(replace).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect([replace.mock.calls.length, location.search]).toEqual([1, ""]);
    vi.advanceTimersByTime(10_000);
    expect([replace.mock.calls.length, location.search]).toEqual([2, "?span_ms=100"]);
  });

  it("is a link also when all is default", () => {
    expect(readLink(new URL(shareLink()).search).view).toEqual(expect.objectContaining({ span_ms: DEFAULTS.span_ms }));
    settings.update({ top_db: -20 });
    expect(new URL(shareLink()).search).toBe("?top_db=-20");
  });
});

describe("what was chosen here", () => {
  beforeEach(begin);
  afterEach(end);

  it("is not replaced by a link, but for what is changed in it", () => {
    const kept = () => JSON.parse(localStorage.getItem("photophone.settings") ?? "{}") as typeof DEFAULTS;
    settings.update({ hold: true, theme: "dark" });
    history.replaceState(null, "", "/?span_ms=500&perf");
    followAddress();
    expect([settings.get().span_ms, settings.get().hold, kept().span_ms, kept().hold]).toEqual([500, false, DEFAULTS.span_ms, true]);
    settings.update({ span_ms: 100 });
    expect([kept().span_ms, kept().hold, kept().theme]).toEqual([100, true, "dark"]);
    settings.update({ span_ms: DEFAULTS.span_ms });
    vi.advanceTimersByTime(350);
    expect(location.search).toBe("?perf&view");
    followAddress();
    expect(settings.get().hold).toBe(false);
  });

  it("lasts when the page is loaded again before the address is written", async () => {
    history.replaceState(null, "", "/?span_ms=500");
    followAddress();
    settings.update({ span_ms: DEFAULTS.span_ms });
    dispatchEvent(new Event("pagehide"));
    expect(location.search).toBe("?span_ms=500");
    await load();
    followAddress();
    expect([settings.get().span_ms, location.search]).toEqual([DEFAULTS.span_ms, ""]);
    history.replaceState(null, "", "/?span_ms=500");
    followAddress();
    expect(settings.get().span_ms).toBe(500);
  });
});
