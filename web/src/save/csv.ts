// What spectrum and waveform show, as CSV (RFC 4180 with comments before the head): the same points, nothing computed anew.

import { DBFS } from "../stream/level-unit";
import type { Place } from "../stream/place";
import type { SpectrumView } from "../stream/spectrum-view";
import type { WaveView } from "../stream/wave-screen";
import { utc } from "./file-name";

type Line = [name: string, values: Float32Array | null];
type Fact = [name: string, value: string | number];

/** `about` tells what the picture does not know: the source, and the link to the view. */
export function spectrumCsv(view: SpectrumView, about: Fact[]): string {
  const lines: Line[] = [
    ["level_a", view.a],
    ["level_b", view.b],
    ["max_hold_a", view.hold_a],
    ["max_hold_b", view.hold_b],
    ["min_hold_a", view.min_a],
    ["min_hold_b", view.min_b],
    ["kept_a", view.kept_a],
    ["kept_b", view.kept_b],
  ];
  const unit = view.level.label === DBFS.label ? "dbfs" : "db";
  const shown = lines.filter(([, values]) => values !== null).map(([name, values]) => [`${name}_${unit}`, values] as Line);
  const facts: Fact[] = [
    ...placeFacts("spectrum", view.place, view.size),
    ["window", view.window],
    ["enbw_hz", decimal(view.enbw_hz)],
    ["overlap", view.overlap ?? "one window per frame"],
    ["averages", view.averages ?? "none"],
    ["unit", view.level.label],
    ["row", "loudest of the bins from frequency_from_hz to frequency_to_hz, both included"],
    ...about,
  ];
  const row = (n: number) => [(view.starts[n] as number) * view.bin_hz, ((view.starts[n + 1] as number) - 1) * view.bin_hz];
  return table(facts, ["frequency_from_hz", "frequency_to_hz"], row, view.x.length, shown);
}

export function waveCsv(view: WaveView, about: Fact[]): string {
  const { column_samples, place } = view;
  const stride = column_samples === 1 ? 1 : 2;
  const columns = view.x.length / stride;
  const pick = (values: Float32Array, offset: number) => Float32Array.from({ length: columns }, (_, n) => values[n * stride + offset] as number);
  const ofChannel = (name: string, values: Float32Array): Line[] =>
    stride === 1
      ? [[`${name}_fs`, values]]
      : [
          [`min_${name}_fs`, pick(values, 0)],
          [`max_${name}_fs`, pick(values, 1)],
        ];
  const facts: Fact[] = [
    ...placeFacts("waveform", place, view.zero + Math.round(view.to_s * place.sample_rate) - place.first_sample),
    ["unit", "fraction of full scale"],
    ["row", stride === 1 ? "one sample" : `smallest and largest of up to ${column_samples} samples from sample_index on`],
    ["time_s", view.triggered ? "since the trigger" : "before the newest sample"],
    ...about,
  ];
  const row = (n: number) => {
    const index = Math.max((view.first_column + n) * column_samples, place.first_sample);
    return [index, (index - view.zero) / place.sample_rate];
  };
  const shown = [...ofChannel("a", view.a), ...(view.stereo ? ofChannel("b", view.b) : [])];
  return table(facts, ["sample_index", "time_s"], row, columns, shown);
}

function placeFacts(what: string, { epoch, first_sample, captured_us, sample_rate }: Place, samples: number): Fact[] {
  return [
    ["photophone", what],
    ["epoch", epoch],
    ["first_sample", first_sample],
    ["samples", samples],
    ["captured_utc", utc(captured_us)],
    ["sample_rate_hz", sample_rate],
  ];
}

function table(facts: Fact[], keys: string[], row: (n: number) => number[], count: number, lines: Line[]): string {
  const out = facts.map(([name, value]) => `# ${name}: ${String(value).replaceAll(/\s+/g, " ")}`);
  out.push([...keys, ...lines.map(([name]) => name)].join(","));
  for (let n = 0; n < count; n++) out.push([...row(n).map(String), ...lines.map(([, values]) => decimal(values?.[n]))].join(","));
  return `${out.join("\r\n")}\r\n`;
}

/** Nine digits read back to the same f32; what is missing is empty. */
function decimal(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? "" : String(Number(value.toPrecision(9)));
}
