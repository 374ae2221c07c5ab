// Saves what is seen: the charts as a picture, the points of spectrum and waveform as tables. Of a paused picture too.

import type { Live } from "../stream/live";
import type { Place } from "../stream/place";
import { palette } from "../theme";
import { shareLink } from "../view-link";
import { spectrumCsv, waveCsv } from "./csv";
import { download } from "./download";
import { fileName, utc } from "./file-name";
import { drawPicture, type LegendEntry } from "./picture";

/** Each returns what came of it, for people. */
export interface Saver {
  picture: () => Promise<string>;
  spectrum: () => string;
  waveform: () => string;
}

type Seen = Pick<Live, "wave" | "spectrum" | "loop">;

const NOTHING = "There is nothing to save yet";

export function saver(live: Seen, source_name: () => string): Saver {
  const about = (): [string, string][] => [
    ["source", source_name()],
    ["view", shareLink()],
  ];
  const csv = (name: string, text: string) => {
    download(name, new Blob([text], { type: "text/csv" }));
    return `Saved ${name}`;
  };
  return {
    picture: () => savePicture(live, source_name()),
    spectrum: () => {
      const { spectrum } = live;
      return spectrum ? csv(fileName(spectrum.place.captured_us, "spectrum.csv"), spectrumCsv(spectrum, about())) : NOTHING;
    },
    waveform: () => {
      const { wave } = live;
      return wave ? csv(fileName(wave.place.captured_us, "waveform.csv"), waveCsv(wave, about())) : NOTHING;
    },
  };
}

async function savePicture(live: Seen, source_name: string): Promise<string> {
  const charts = document.querySelector<HTMLElement>(".charts");
  const place = live.spectrum?.place ?? live.wave?.place;
  if (charts === null || place === undefined) return NOTHING;
  live.loop.drawNow();
  // The page may not have room for all of how the spectrum was computed.
  const method = charts.querySelector(".resolution")?.textContent ?? "";
  const canvas = drawPicture(charts, {
    title: `photophone · ${source_name}`,
    lines: [...placeLines(live.wave?.place, live.spectrum?.place, method), shareLink()],
    legend: [...legend(live), ...pastLegend(charts)],
  });
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (blob === null) return "The browser could not write the picture";
  const name = fileName(place.captured_us, "picture.png");
  download(name, blob);
  return `Saved ${name}`;
}

/** Where in the stream each chart lies; the epoch once, unless they lie in different ones. */
export function placeLines(wave: Place | undefined, spectrum: Place | undefined, method: string): string[] {
  const charts = [
    { name: "Waveform", place: wave, more: "" },
    { name: "Spectrum", place: spectrum, more: method && `; ${method}` },
  ];
  const lines = charts.flatMap(({ name, place, more }) => {
    if (place === undefined) return [];
    return [{ epoch: `Epoch ${place.epoch}, ${place.sample_rate} Hz`, text: `${name} from sample ${place.first_sample}, ${utc(place.captured_us)}${more}` }];
  });
  const epochs = [...new Set(lines.map(({ epoch }) => epoch))];
  if (epochs.length > 1) return lines.flatMap(({ epoch, text }) => [epoch, text]);
  return [...epochs, ...lines.map(({ text }) => text)];
}

/** The row under the waterfall's cursor, while that is there. */
function pastLegend(charts: HTMLElement): LegendEntry[] {
  return charts.querySelector(".waterfall-cross.on") ? [{ name: "waterfall at the cursor", color: palette.past }] : [];
}

/** What the lines of the spectrum are, as far as they are drawn. */
function legend({ spectrum }: Seen): LegendEntry[] {
  if (spectrum === null) return [];
  const { a, b, hold_a, hold_b, min_a, min_b, kept_a, kept_b } = spectrum;
  const lines = [
    { name: "A", color: palette.a, line: a },
    { name: "B", color: palette.b, line: b },
    { name: "max hold A", color: palette.hold_a, line: hold_a },
    { name: "max hold B", color: palette.hold_b, line: hold_b },
    { name: "min hold A", color: palette.min_a, line: min_a },
    { name: "min hold B", color: palette.min_b, line: min_b },
    { name: "kept A", color: palette.kept_a, line: kept_a },
    { name: "kept B", color: palette.kept_b, line: kept_b },
  ];
  return lines.filter(({ line }) => line !== null);
}
