import { describe, expect, it } from "vitest";
import { DBFS, levelUnit } from "../stream/level-unit";
import { spectrumCsv, waveCsv } from "./csv";
import { fileName, utc } from "./file-name";

const place = { epoch: "e-1", first_sample: 1001, captured_us: 1_700_000_000_123_456, sample_rate: 1000 };

/** The rows as objects, and the comments. */
function parse(text: string): { facts: Map<string, string>; rows: Record<string, string>[] } {
  const lines = text.trimEnd().split("\r\n");
  const comments = lines.filter((line) => line.startsWith("# ")).map((line) => line.slice(2).split(": "));
  const [head = "", ...body] = lines.filter((line) => !line.startsWith("#"));
  const rows = body.map((line) => Object.fromEntries(head.split(",").map((key, n) => [key, line.split(",")[n] ?? "none"])));
  return { facts: new Map(comments.map(([name = "", ...rest]) => [name, rest.join(": ")])), rows };
}

describe("a spectrum", () => {
  const view = {
    place,
    size: 4096,
    window: "hann",
    enbw_hz: 17.578125,
    bin_hz: 11.71875,
    starts: Uint32Array.of(1, 2, 5),
    x: new Float32Array(2),
    a: Float32Array.of(-20.1, -97.25),
    b: null,
    hold_a: Float32Array.of(-1, Number.NaN),
    hold_b: null,
    min_a: null,
    min_b: null,
    kept_a: null,
    kept_b: null,
    level: DBFS,
    overlap: null,
    averages: null,
  };

  it("names another unit and how it was averaged", () => {
    const { facts, rows } = parse(spectrumCsv({ ...view, level: levelUnit("v", "psd"), overlap: 0.5, averages: 12 } as never, []));
    expect(Object.keys(rows[0] ?? {})).toContain("level_a_db");
    expect(Object.fromEntries(facts)).toMatchObject({ unit: "dB re 1 V²/Hz", overlap: "0.5", averages: "12" });
  });

  it("has bins, levels and holds that are shown, and says what they are", () => {
    const { facts, rows } = parse(spectrumCsv(view as never, [["source", "a\ncell"]]));
    expect(rows).toEqual([
      { frequency_from_hz: "11.71875", frequency_to_hz: "11.71875", level_a_dbfs: "-20.1000004", max_hold_a_dbfs: "-1" },
      { frequency_from_hz: "23.4375", frequency_to_hz: "46.875", level_a_dbfs: "-97.25", max_hold_a_dbfs: "" },
    ]);
    expect(Math.fround(Number(rows[0]?.["level_a_dbfs"]))).toBe(Math.fround(-20.1));
    expect(Object.fromEntries(facts)).toMatchObject({
      epoch: "e-1",
      first_sample: "1001",
      samples: "4096",
      captured_utc: "2023-11-14T22:13:20.123456Z",
      sample_rate_hz: "1000",
      window: "hann",
      source: "a cell",
    });
  });
});

describe("a waveform", () => {
  const samples = {
    place,
    zero: 1002,
    from_s: -0.001,
    to_s: 0.002,
    column_samples: 1,
    first_column: 1001,
    x: new Float32Array(3),
    a: Float32Array.of(0.5, Number.NaN, -1),
    b: Float32Array.of(0, 0, 0),
    stereo: false,
    triggered: true,
  };

  it("has a row for each sample where there is room, empty where it is missing", () => {
    expect(parse(waveCsv(samples as never, [])).rows).toEqual([
      { sample_index: "1001", time_s: "-0.001", a_fs: "0.5" },
      { sample_index: "1002", time_s: "0", a_fs: "" },
      { sample_index: "1003", time_s: "0.001", a_fs: "-1" },
    ]);
  });

  it("has smallest and largest of columns, of which the first begins where the picture does", () => {
    const columns = { ...samples, column_samples: 4, first_column: 250, a: Float32Array.of(-1, 1, -2, 2), b: Float32Array.of(-3, 3, -4, 4), x: new Float32Array(4), stereo: true };
    expect(parse(waveCsv(columns as never, [])).rows).toEqual([
      { sample_index: "1001", time_s: "-0.001", min_a_fs: "-1", max_a_fs: "1", min_b_fs: "-3", max_b_fs: "3" },
      { sample_index: "1004", time_s: "0.002", min_a_fs: "-2", max_a_fs: "2", min_b_fs: "-4", max_b_fs: "4" },
    ]);
  });
});

it("names files by UTC, without colons", () => {
  expect(utc(1_700_000_000_000_007)).toBe("2023-11-14T22:13:20.000007Z");
  expect(fileName(1_700_000_000_123_456, "spectrum.csv")).toBe("photophone-2023-11-14T22-13-20Z-spectrum.csv");
});
