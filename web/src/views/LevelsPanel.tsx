// Level meters of both channels: numbers to be read across a room, bars, and clip marks that stay until cleared.

import { useEffect, useRef } from "react";
import type { Level } from "../stream/level-meter";
import type { Facts, Live } from "../stream/live";
import { clipText, clipTitle } from "./clip-text";
import { Panel } from "./controls";
import { level } from "./format";
import { knownChannels } from "./known";

/** Lowest level that the bars show, dBFS. */
const BAR_FLOOR_DB = -80;
const MARKS_DB = [-80, -60, -40, -20, 0];

export function LevelsPanel({ live, facts }: { live: Live; facts: Facts }) {
  const channels = knownChannels(facts);
  return (
    <Panel title="Levels" className="levels" tools={<span className="note">dBFS, peak held 1.5 s · RMS 0.3 s</span>}>
      <Meter live={live} channel="a" level={facts.levels?.a ?? null} />
      {channels === 1 && <p className="note absent">Channel B: none, the source is mono</p>}
      {channels === 2 && <Meter live={live} channel="b" level={facts.levels?.b ?? null} />}
      <div className="bar-scale" aria-hidden="true">
        {MARKS_DB.map((mark) => (
          <span key={mark} style={{ left: `${unit(mark) * 100}%` }}>
            {String(mark).replace("-", "−")}
          </span>
        ))}
      </div>
    </Panel>
  );
}

interface MeterProps {
  live: Live;
  channel: "a" | "b";
  level: Level | null;
}

function Meter({ live, channel, level: shown }: MeterProps) {
  const name = channel.toUpperCase();
  const text = `Channel ${name}: peak ${level(shown?.hold_db)} dBFS, RMS ${level(shown?.rms_db)} dBFS`;
  return (
    <div className={`meter meter-${channel} ${shown ? "" : "unknown"}`}>
      <span className="chip">{name}</span>
      <span className="sr-only">{text}</span>
      <span className="meter-peak" aria-hidden="true">
        {level(shown?.hold_db)}
      </span>
      <span className="meter-rms" aria-hidden="true">
        RMS <b>{level(shown?.rms_db)}</b>
      </span>
      <button
        type="button"
        className={`clip ${shown?.clipped ? "on" : ""}`}
        title={clipTitle(name, shown)}
        onClick={() => live.clearClips(channel)}
      >
        {clipText(shown)}
      </button>
      <Bar live={live} channel={channel} />
    </div>
  );
}

/** Follows every picture, so it is moved by the draw loop and not by React. */
function Bar({ live, channel }: { live: Live; channel: "a" | "b" }) {
  const rms = useRef<HTMLDivElement>(null);
  const peak = useRef<HTMLDivElement>(null);
  const hold = useRef<HTMLDivElement>(null);
  useEffect(
    () =>
      live.loop.add(() => {
        const now = live.levels?.[channel];
        scale(rms.current, now?.rms_db);
        scale(peak.current, now?.peak_db);
        if (hold.current) hold.current.style.transform = `translateX(${unit(now?.hold_db) * 100}%)`;
      }),
    [live, channel],
  );
  return (
    <div className="bar" aria-hidden="true">
      <div className="bar-peak" ref={peak} />
      <div className="bar-rms" ref={rms} />
      <div className="bar-hold" ref={hold} />
    </div>
  );
}

function scale(bar: HTMLDivElement | null, value_db: number | undefined): void {
  if (bar) bar.style.transform = `scaleX(${unit(value_db)})`;
}

function unit(value_db: number | undefined): number {
  if (value_db === undefined || Number.isNaN(value_db)) return 0;
  return Math.min(Math.max(1 - value_db / BAR_FLOOR_DB, 0), 1);
}
