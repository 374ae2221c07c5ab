// The stream as the server counts it and as this page receives it.

import type { Pace, StreamStats } from "../api/types";
import type { Facts } from "../stream/live";
import type { ClockOffset } from "../stream/server-clock";
import { Fact, Panel } from "./controls";
import { clock, count, fixed, UNKNOWN } from "./format";
import { inRealTime } from "./known";

const AGE =
  "Age of the newest frame's end at arrival. Median of the frames of the last second, or the last frame. Only where samples come in real time.";

interface StreamPanelProps {
  facts: Facts;
  stats: StreamStats | null;
  /** Whether frames come; rates of the last ones would look like present ones otherwise. */
  flowing: boolean;
  /** Undefined while the source is not known. */
  pace: Pace | undefined;
  /** Null while the server's clock is not known. */
  clocks: ClockOffset | null;
}

export function StreamPanel({ facts, stats, flowing, pace, clocks }: StreamPanelProps) {
  const { head } = facts;
  const now = flowing ? head : null;
  const age_ms = now && clocks && inRealTime(pace) ? now.age_ms + clocks.offset_ms : null;
  return (
    <Panel title="Stream" className="stream">
      <dl className="facts">
        <Fact name="Streams open, all viewers">{count(stats?.active_subscribers)}</Fact>
        <Fact name="Frames/s here / server">
          {fixed(now?.fps, 1)} / {fixed(stats?.fps, 1)}
        </Fact>
        <Fact name="Frames here / server" title="Received since the page was opened; published since the server started">
          {count(head?.frames)} / {count(stats?.total_frames)}
        </Fact>
        <Fact name="Frame age" title={clocks ? `${AGE} ${sayOf(clocks)}` : AGE}>
          {age_ms === null ? UNKNOWN : `${fixed(age_ms, 0)} ± ${fixed(clocks?.error_ms, 0)} ms`}
        </Fact>
        <Fact name="Frame no. / first sample" title="Of the newest frame here: its number, and the index of its first sample, since the epoch began">
          {count(head?.frame_number)} / {count(head?.first_sample)}
        </Fact>
        <Fact name="Epoch" {...(head ? { title: head.epoch } : {})}>
          <code>{head?.epoch.slice(0, 8) ?? UNKNOWN}</code>
        </Fact>
        <Fact name="Server up">{clock(stats?.uptime_secs)}</Fact>
      </dl>
    </Panel>
  );
}

function sayOf({ offset_ms, error_ms }: ClockOffset): string {
  const apart = `The server's clock is ${Math.abs(offset_ms).toFixed(0)} ms ${offset_ms < 0 ? "behind" : "ahead of"} this one`;
  return `${apart}, known within ${error_ms.toFixed(0)} ms; the age counts for that.`;
}
