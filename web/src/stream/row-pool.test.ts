import { describe, expect, it } from "vitest";
import { dbToByte } from "./decibel";
import { DBFS, type LevelUnit, levelUnit } from "./level-unit";
import { RowPool, ROWS } from "./row-pool";

const RATE = 48_000;
const HOP = 1600;

interface More {
  epoch?: string;
  bins?: number;
  at?: number;
  overlap?: number;
  level?: LevelUnit;
  series?: string;
}

function spectrum(n: number, level_db: number, more: More = {}) {
  return {
    a: new Float32Array(more.bins ?? 5).fill(level_db),
    b: null,
    bin_hz: 10,
    sample_rate: RATE,
    first_sample: (more.at ?? n) * HOP,
    captured_us: ((more.at ?? n) * HOP * 1e6) / RATE,
    frame_number: n,
    epoch: more.epoch ?? "e",
    overlap: more.overlap ?? null,
    level: more.level ?? DBFS,
    series: more.series ?? "plain",
  };
}

const firstBytes = (pool: RowPool) => {
  const batch = pool.take();
  return batch ? Array.from({ length: batch.count }, (_, n) => batch.bytes[n * batch.cells * 2]) : [];
};

describe("RowPool", () => {
  it("makes one row of one spectrum", () => {
    const pool = new RowPool();
    pool.push(spectrum(0, -30));
    pool.push(spectrum(1, -60));
    const batch = pool.take();
    expect(batch).toMatchObject({ cells: 4, cell_hz: 10, count: 2 });
    expect(batch?.row_ms).toBeCloseTo(33.333);
    expect([...(batch?.bytes.slice(0, 4) ?? [])]).toEqual([dbToByte(-30), 0, dbToByte(-30), 0]);
    expect(pool.take()).toBeNull();
  });

  it("pools spectra by their maximum", () => {
    const pool = new RowPool();
    pool.perRow = 3;
    [-80, -20, -50, -90].forEach((level, n) => pool.push(spectrum(n, level)));
    expect(firstBytes(pool)).toEqual([dbToByte(-20)]);
  });

  it.each([2049, 131_073, 3001])("fits %d bins into a texture that every browser with WebGL2 has", (bins) => {
    const pool = new RowPool();
    const wide = spectrum(0, -90, { bins });
    wide.a[bins - 1] = -30;
    pool.push(wide);
    const batch = pool.take();
    expect(batch?.cells).toBeLessThanOrEqual(2048);
    expect(batch?.cells).toBeGreaterThan(1024);
    const levels = [...(batch?.bytes ?? [])].filter((_, n) => n % 2 === 0);
    expect(levels.pop()).toBe(dbToByte(-30));
    expect(new Set(levels)).toEqual(new Set([dbToByte(-90)]));
  });

  it("gives what passed between two connections the height of its time", () => {
    const pool = new RowPool();
    pool.push(spectrum(0, -30));
    pool.push(spectrum(1, -30));
    pool.push(spectrum(12, -30));
    expect(firstBytes(pool)).toEqual([...Array(2).fill(dbToByte(-30)), ...Array(10).fill(0), dbToByte(-30)]);
  });

  it("marks an announced gap, which the frame numbers hide, by its time", () => {
    const pool = new RowPool();
    pool.push(spectrum(0, -30));
    pool.push(spectrum(1, -30));
    pool.interrupt();
    pool.push(spectrum(2, -30, { at: 6 }));
    pool.push(spectrum(3, -30, { at: 7 }));
    expect(firstBytes(pool)).toEqual([...Array(2).fill(dbToByte(-30)), ...Array(4).fill(0), ...Array(2).fill(dbToByte(-30))]);
  });

  it("marks a gap shorter than a row so that it is seen", () => {
    const pool = new RowPool();
    pool.push(spectrum(0, -30));
    pool.push(spectrum(1, -30));
    pool.interrupt();
    pool.push(spectrum(2, -30, { at: 2.1 }));
    expect(firstBytes(pool).filter((byte) => byte === 0)).toHaveLength(3);
  });

  it("takes frames that become longer for no hole", () => {
    const pool = new RowPool();
    for (let n = 0; n < 30; n++) pool.push(spectrum(n, -30));
    for (let n = 0; n < 30; n++) pool.push(spectrum(30 + n, -30, { at: 30 + 3 * n }));
    const batch = pool.take();
    expect(batch).toMatchObject({ count: 60 });
    expect(batch?.bytes.filter((byte, n) => n % 2 === 0 && byte === 0)).toHaveLength(0);
    expect(batch?.row_ms).toBeCloseTo(100);
  });

  it("does not take a frame cut short for the usual pace", () => {
    const pool = new RowPool();
    for (let n = 0; n < 40; n++) {
      // Every tenth frame ended after an eighth of its time, and a gap of half a frame followed.
      pool.push(spectrum(n, -30, { at: n % 10 === 9 ? n - 0.875 : n }));
    }
    expect(firstBytes(pool)).toEqual(Array(40).fill(dbToByte(-30)));
  });

  it("marks a new epoch even when no time passed, and bounds a long hole", () => {
    const pool = new RowPool();
    pool.push(spectrum(0, -30));
    pool.push(spectrum(1, -30));
    pool.push(spectrum(0, -30, { epoch: "f", at: 2 }));
    expect(firstBytes(pool).filter((byte) => byte === 0)).toHaveLength(3);
    pool.push(spectrum(1_000_000, -30, { epoch: "f" }));
    expect(firstBytes(pool)).toHaveLength(ROWS);
  });
});

describe("RowPool, estimates", () => {
  it("takes overlapping windows for continuous, of which some frames have none and some have two, until a gap is told", () => {
    const pool = new RowPool();
    [0, 2, 3, 3, 6].forEach((frame, n) => pool.push({ ...spectrum(frame, -30, { overlap: 0.5 }), first_sample: n * HOP }));
    expect(firstBytes(pool)).toEqual(Array(5).fill(dbToByte(-30)));
    pool.interrupt();
    pool.push({ ...spectrum(7, -30, { overlap: 0.5 }), first_sample: 9 * HOP });
    expect(firstBytes(pool)).toContain(0);
  });

  it("counts levels from the origin of their unit, and begins anew with spectra of another kind", () => {
    const pool = new RowPool();
    pool.push(spectrum(0, -30));
    expect(pool.take()).toMatchObject({ series: "plain", count: 1, level: DBFS });
    pool.push(spectrum(1, -40));
    pool.push(spectrum(2, 94, { level: levelUnit("db_spl", "amplitude"), series: "sound" }));
    const batch = pool.take();
    expect([batch?.series, batch?.level.label, batch?.count, batch?.bytes[0]]).toEqual(["sound", "dB SPL", 1, dbToByte(-26)]);
  });
});
