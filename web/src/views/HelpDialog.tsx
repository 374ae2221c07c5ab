// Keys, and what the words and numbers of the page mean.

import { useEffect, useRef } from "react";
import type { Version } from "../api/types";
import { PAINTERS, settings } from "../settings";
import { useStore } from "../store";
import { Choice } from "./controls";
import { SHORTCUTS } from "./shortcuts";

interface HelpDialogProps {
  open: boolean;
  version: Version | null;
  onClose: () => void;
}

export function HelpDialog({ open, version, onClose }: HelpDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return dialog.current?.close();
    dialog.current?.showModal();
    // The browser would choose the first control, which Space, just used to pause, would change.
    close.current?.focus({ preventScroll: true });
  }, [open]);
  return (
    <dialog ref={dialog} className="help" aria-labelledby="help-title" onClose={onClose}>
      <h2 id="help-title">Keys and meanings</h2>
      <div className="help-columns">
        <Keys />
        <Meanings />
      </div>
      <footer>
        <span className="note">
          {version ? `${version.name} ${version.version}` : ""}{" "}
          <a href="/api/doc/">API documentation</a>
        </span>
        <button type="button" className="button primary" ref={close} onClick={onClose}>
          Close
        </button>
      </footer>
    </dialog>
  );
}

const PAINTER_OPTIONS = PAINTERS.map((value) => ({ value, text: value === "auto" ? "the browser's best" : value }));

function Keys() {
  const { shortcuts, painter } = useStore(settings);
  return (
    <div>
      <label className="choice">
        <input type="checkbox" checked={shortcuts} onChange={(event) => settings.update({ shortcuts: event.target.checked })} />
        Single keys act
      </label>
      <Choice label="Waterfall by" value={painter} options={PAINTER_OPTIONS} onChange={(next) => settings.update({ painter: next })} />
      <dl className="keys">
        {SHORTCUTS.map(({ name, meaning }) => (
          <div key={name}>
            <dt>
              <kbd>{name}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>←</kbd> <kbd>→</kbd>
          </dt>
          <dd>in a chart: cursor by a point, with Shift by ten; Home, End; Enter: to the peak, in the waveform to 0 s</dd>
        </div>
        <div>
          <dt>
            <kbd>↑</kbd> <kbd>↓</kbd>
          </dt>
          <dd>in the waterfall: to newer and older rows; that row is drawn thin in the spectrum</dd>
        </div>
        <div>
          <dt>
            <kbd>M</kbd>
          </dt>
          <dd>in a chart, as a click there: marker at the cursor, or away; Esc: cursor and marker away</dd>
        </div>
      </dl>
    </div>
  );
}

function Meanings() {
  return (
    <dl className="meanings">
      <dt>dB re 1 V, re 1 Pa, dB SPL</dt>
      <dd>
        Of a calibrated channel: 20·log10 of the amplitude of a sine in that unit; dB SPL by its RMS. As a mean square 10·log10 of it,
        as a density per Hz.
      </dd>
      <dt>dBFS</dt>
      <dd>20·log10 of the amplitude; a sine at full scale has 0 dBFS, in the spectrum too, whatever the window.</dd>
      <dt>RMS</dt>
      <dd>Over 0.3 s, 0 dBFS is a full-scale sine (AES17): peak and RMS of a sine read the same.</dd>
      <dt>Waveform</dt>
      <dd>Minimum and maximum of every pixel column: no peak is hidden. Grey bands are samples that are missing.</dd>
      <dt>Peak</dt>
      <dd>
        Loudest bin of the band shown; frequency and level are interpolated between bins for a single sine, so that the level may
        stand above the line drawn.
      </dd>
      <dt>Max, Min, Keep</dt>
      <dd>Largest and smallest level of each bin since it was switched on or cleared; a spectrum kept to compare with.</dd>
      <dt>Waterfall</dt>
      <dd>The loudest of the spectra in a row. Hatched: there was no data. Plain: before the first spectrum.</dd>
      <dt>Lock-in</dt>
      <dd>
        Amplitude and phase of what a channel holds at the reference, in the bandwidth of the low-pass. Grey: no reading came.
        The phase is drawn without jumps by a whole turn.
      </dd>
      <dt>Coherence γ²</dt>
      <dd>
        How much of both channels belongs together, 0 to 1; for noise about one over the number of averages n. The phase is drawn
        where γ² is above what noise reaches once in 20.
      </dd>
      <dt>Lost samples</dt>
      <dd>
        Device side: lost before they were numbered. This viewer: lost on the way here. ≈ marks an estimate; “new epoch” means
        that numbering began anew and the length cannot be known.
      </dd>
      <dt>Frame age</dt>
      <dd>
        From the capture of its last sample to its arrival here; median of the last second. The server is asked for its time
        every ten seconds, so that clocks may differ; point at it to see by how much. Not known where samples come slower or
        faster than in real time.
      </dd>
    </dl>
  );
}
