// What stands in a chart that has nothing to draw, or to which nothing comes any more.

import type { Facts } from "../stream/live";
import type { StreamName } from "../stream/messages";
import { FLOWING } from "./connection-text";
import { words } from "./format";

export interface NoSamplesProps {
  facts: Facts;
  stream: StreamName;
  /** Whether the chart has nothing to draw. */
  empty: boolean;
}

export function NoSamples({ facts: { head, state, faults }, stream, empty }: NoSamplesProps) {
  const fault = faults[stream];
  return (
    <>
      <output className="chart-said">{fault !== null && <ChartFault fault={fault} empty={empty} />}</output>
      {fault === null && empty && <Awaited {...{ head, state, stream }} />}
    </>
  );
}

function Awaited({ head, state, stream }: Pick<Facts, "head" | "state"> & { stream: StreamName }) {
  // Of a source that failed or ended, none may ever come.
  const waiting = state === null || FLOWING.has(state.state);
  // A feed that nobody watched before works through what the server keeps first.
  const awaited = stream === "spectral" && head !== null ? "No spectrum yet" : "No samples yet";
  return <p className="no-samples">{waiting ? awaited : `No samples: source ${words(state.state)}`}</p>;
}

/** The connection and the other charts may be well. */
function ChartFault({ fault, empty }: { fault: string; empty: boolean }) {
  return (
    <span className="chart-fault">
      {!empty && "The picture is old. "}Nothing comes for this chart: {fault}.
    </span>
  );
}
