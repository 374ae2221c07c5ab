// Controls of the lock-in: reference, harmonic and low-pass.

import { HARMONICS, isValid, LOCKIN_REFERENCES, settings, SLOPES, STRIPS_S, TAUS_S } from "../settings";
import { useStore } from "../store";
import { Choice } from "./controls";
import { TypedField } from "./TypedField";

const NAMES = { tracked: "strongest of A", channel_b: "strongest of B", hz: "frequency" } as const;
const REFERENCES = LOCKIN_REFERENCES.map((value) => ({ value, text: NAMES[value] }));
const HARMONIC_OPTIONS = HARMONICS.map((value) => ({ value, text: `${value} f` }));
const TAUS = TAUS_S.map((value) => ({ value, text: value < 1 ? `${value * 1000} ms` : `${value} s` }));
const SLOPE_OPTIONS = SLOPES.map((value) => ({ value, text: `${value} dB/oct` }));
const SPANS = STRIPS_S.map((value) => ({ value, text: `${value} s` }));

export function LockinTools() {
  const chosen = useStore(settings);
  return (
    <div className="tools">
      <Choice
        label="Reference"
        value={chosen.lockin_reference}
        options={REFERENCES}
        onChange={(lockin_reference) => settings.update({ lockin_reference })}
      />
      {chosen.lockin_reference === "hz" && <ReferenceField value={chosen.lockin_hz} />}
      <Choice
        label="Harmonic"
        value={chosen.lockin_harmonic}
        options={HARMONIC_OPTIONS}
        onChange={(lockin_harmonic) => settings.update({ lockin_harmonic })}
      />
      <Choice label="τ" value={chosen.lockin_tau_s} options={TAUS} onChange={(lockin_tau_s) => settings.update({ lockin_tau_s })} />
      <Choice
        label="Slope"
        value={chosen.lockin_slope}
        options={SLOPE_OPTIONS}
        onChange={(lockin_slope) => settings.update({ lockin_slope })}
      />
      <Choice
        label="Strip"
        value={chosen.lockin_span_s}
        options={SPANS}
        onChange={(lockin_span_s) => settings.update({ lockin_span_s })}
      />
    </div>
  );
}

function ReferenceField({ value }: { value: number }) {
  const take = (text: string) => {
    const hz = Number(text);
    if (!isValid("lockin_hz", hz)) return "not a frequency below 1 MHz";
    settings.update({ lockin_hz: hz });
    return null;
  };
  return <TypedField name="Frequency of the reference in Hz" unit="Hz" className="band" value={String(value)} take={take} />;
}
