// Controls of how spectra are computed, behind a button of the spectrum's tools. Spectrum and waterfall follow them.

import { useRef } from "react";
import type { Calibration } from "../api/types";
import { settings } from "../settings";
import { useStore } from "../store";
import {
  type Analysis,
  AVERAGE_COUNTS,
  AVERAGE_SECS,
  AVERAGINGS,
  BETAS,
  isPlain,
  OVERLAPS,
  PEAK_COUNTS,
  PLAIN,
  QUANTITIES,
  SIZES,
  WINDOWS,
} from "../stream/analysis";
import type { Unit } from "../stream/level-unit";
import { Choice } from "./controls";
import { count, words } from "./format";
import { NumberField } from "./NumberField";

const SERVERS = { value: "", text: "server's" };
const SIZE_OPTIONS = [SERVERS, ...SIZES.map((size) => ({ value: String(size), text: count(size) }))];
const WINDOW_OPTIONS = [SERVERS, ...WINDOWS.map((value) => ({ value, text: words(value) }))];
const OVERLAP_OPTIONS = [{ value: "", text: "auto" }, ...OVERLAPS.map((part) => ({ value: String(part), text: `${part * 100} %` }))];
const AVERAGING_NAMES = { none: "none", exp: "exponential", linear: "linear, blocks", peak: "peak", min: "minimum" };
const AVERAGING_OPTIONS = AVERAGINGS.map((value) => ({ value, text: AVERAGING_NAMES[value] }));
const QUANTITY_NAMES = { amplitude: "amplitude", power: "power (mean square)", psd: "density (per Hz)" };
const QUANTITY_OPTIONS = QUANTITIES.map((value) => ({ value, text: QUANTITY_NAMES[value] }));
const UNIT_NAMES: Record<Unit, string> = { dbfs: "dBFS", db_spl: "dB SPL", v: "V, in dB", pa: "Pa, in dB" };
const PEAK_OPTIONS = PEAK_COUNTS.map((value) => ({ value, text: value === 0 ? "no table" : `table of ${value}` }));

const choose = (change: Partial<Analysis>) => settings.update(change);

/** `calibration` is null while nobody knows. */
export function AnalysisTools({ calibration }: { calibration: Calibration | null }) {
  const chosen = useStore(settings);
  const box = useRef<HTMLDetailsElement>(null);
  const button = useRef<HTMLElement>(null);
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key !== "Escape" || !box.current?.open) return;
    box.current.open = false;
    button.current?.focus();
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape closes it from any control within
    <details className="analysis" ref={box} onKeyDown={onKeyDown}>
      <summary className={`button ${isPlain(chosen) ? "" : "chosen"}`} ref={button} title="How spectra are computed">
        Analysis{!isPlain(chosen) && <span className="sr-only">, not as the server does by itself</span>}
      </summary>
      <fieldset className="analysis-box">
        <legend className="sr-only">How spectra are computed</legend>
        <Windowing chosen={chosen} />
        <Averaging chosen={chosen} />
        <Scaling chosen={chosen} calibration={calibration} />
        <button type="button" className="button" disabled={isPlain(chosen)} onClick={() => choose(PLAIN)}>
          As the server does by itself
        </button>
      </fieldset>
    </details>
  );
}

function Windowing({ chosen }: { chosen: Analysis }) {
  const { fft_size, fft_window, overlap, kaiser_beta } = chosen;
  return (
    <>
      <Choice
        label="Size"
        value={fft_size === null ? "" : String(fft_size)}
        options={SIZE_OPTIONS}
        onChange={(size) => choose({ fft_size: SIZES.find((each) => String(each) === size) ?? null })}
      />
      <Choice
        label="Window"
        value={fft_window ?? ""}
        options={WINDOW_OPTIONS}
        onChange={(name) => choose({ fft_window: WINDOWS.find((each) => each === name) ?? null })}
      />
      {fft_window === "kaiser" && (
        <NumberField label="β" unit="" value={kaiser_beta} bounds={BETAS} onChange={(beta) => choose({ kaiser_beta: beta })} />
      )}
      <Choice
        label="Overlap"
        value={overlap === null ? "" : String(overlap)}
        options={OVERLAP_OPTIONS}
        onChange={(part) => choose({ overlap: OVERLAPS.find((each) => String(each) === part) ?? null })}
      />
    </>
  );
}

function Averaging({ chosen: { averaging, average_s, average_n } }: { chosen: Analysis }) {
  return (
    <>
      <Choice label="Averaging" value={averaging} options={AVERAGING_OPTIONS} onChange={(next) => choose({ averaging: next })} />
      {averaging === "exp" && (
        <NumberField label="τ" unit="s" value={average_s} bounds={AVERAGE_SECS} onChange={(secs) => choose({ average_s: secs })} />
      )}
      {averaging === "linear" && (
        <NumberField label="n" unit="spectra" value={average_n} bounds={AVERAGE_COUNTS} whole onChange={(n) => choose({ average_n: n })} />
      )}
    </>
  );
}

function Scaling({ chosen: { quantity, unit, peaks }, calibration }: { chosen: Analysis; calibration: Calibration | null }) {
  const units = (Object.keys(UNIT_NAMES) as Unit[]).map((value) => {
    const lack = missing(value, calibration);
    return { value, text: UNIT_NAMES[value] + (lack ? ` (${lack})` : ""), disabled: lack !== null };
  });
  return (
    <>
      <Choice label="Scale" value={quantity} options={QUANTITY_OPTIONS} onChange={(next) => choose({ quantity: next })} />
      <Choice label="Unit" value={unit} options={units} onChange={(next) => choose({ unit: next })} />
      <Choice label="Peaks" value={peaks} options={PEAK_OPTIONS} onChange={(next) => choose({ peaks: next })} />
    </>
  );
}

/** What a unit needs and the server's configuration does not have; null when it can be chosen. */
function missing(unit: Unit, calibration: Calibration | null): string | null {
  if (unit === "dbfs") return null;
  if (calibration === null) return "calibration not known yet";
  const { units, full_scale_v } = calibration.a;
  if (units.includes(unit)) return null;
  return `set calibration.a.${full_scale_v === null || unit === "v" ? "full_scale_v" : "sensitivity_mv_pa"}`;
}
