// What stands in a chart that has nothing to draw.

import type { Facts } from "../stream/live";
import { FLOWING } from "./connection-text";
import { words } from "./format";

export function NoSamples({ facts: { state } }: { facts: Facts }) {
  // Of a source that failed or ended, none may ever come.
  const waiting = state === null || FLOWING.has(state.state);
  return <p className="no-samples">{waiting ? "No samples yet" : `No samples: source ${words(state.state)}`}</p>;
}
