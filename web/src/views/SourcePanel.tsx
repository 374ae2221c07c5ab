// What the server listens to: nominal and measured rate, format, what happened to the samples on their way.

import type { SourceInfo, StreamStats } from "../api/types";
import { Fact, Panel } from "./controls";
import { count, fixed, signed, UNKNOWN, withUnit } from "./format";

interface SourcePanelProps {
  source: SourceInfo | null;
  stats: StreamStats | null;
}

const KINDS: Record<string, string> = { mic: "microphone", wav: "WAV file", sim: "simulation" };

export function SourcePanel({ source, stats }: SourcePanelProps) {
  const integrity = source?.integrity;
  return (
    <Panel title="Source" className="source">
      <dl className="facts">
        <Fact name="Name" {...(source?.id ? { title: source.id } : {})}>
          {source?.name ?? UNKNOWN}
        </Fact>
        <Fact name="Kind, pace">
          {source ? `${KINDS[source.kind] ?? source.kind}, ${pace(source)}` : UNKNOWN}
        </Fact>
        <Fact name="Rate, nominal">{withUnit(source?.sample_rate ?? stats?.sample_rate, 0, "Hz")}</Fact>
        <Fact name="Rate, measured" title="By the server's monotonic clock: least squares over the last minute; files and simulations have no clock of their own">
          {measuredRate(stats)}
        </Fact>
        <Fact name="Channels, format" title="Channels taken, of those that the device or file has; form of its samples">
          {source ? `${source.channels} of ${source.device_channels}, ${source.format}` : UNKNOWN}
        </Fact>
        {integrity && <Fact name="Path">{integrity.how ?? integrity.why ?? "bit-exact from source to stream"}</Fact>}
        <Fact name="Clipped A / B" title="Samples since the server started, counted by the server; the amplitude from which they count">
          {clipped(stats)}
          {source && `, from ${fixed(source.clip_level, 5)}`}
        </Fact>
        <Fact name="Not finite" title="Samples that were NaN or infinite and became 0">
          {count(stats?.channels ? stats.nonfinite_samples : null)}
        </Fact>
      </dl>
    </Panel>
  );
}

function measuredRate(stats: StreamStats | null): string {
  const deviation_ppm = stats?.rate_deviation_ppm ?? null;
  const deviation = deviation_ppm === null ? "" : ` (${signed(deviation_ppm, 1, "ppm")})`;
  return withUnit(stats?.measured_rate_hz, 2, "Hz") + deviation;
}

/** Of a channel that is not there, or not known to be, nothing was counted. */
function clipped(stats: StreamStats | null): string {
  const channels = stats?.channels ?? 0;
  return `${count(channels > 0 ? stats?.clipped_samples.a : null)} / ${count(channels > 1 ? stats?.clipped_samples.b : null)}`;
}

function pace(source: SourceInfo): string {
  switch (source.pace.mode) {
    case "device":
      return "device clock";
    case "clock":
      return source.pace.factor === 1 ? "real time" : `${source.pace.factor ?? UNKNOWN} × real time`;
    case "fast":
      return "as fast as taken";
    default:
      return UNKNOWN;
  }
}
