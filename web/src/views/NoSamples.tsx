// What stands in a chart that has nothing to draw.

import type { Facts } from "../stream/live";
import { words } from "./format";

export function NoSamples({ facts: { state } }: { facts: Facts }) {
  return <p className="no-samples">No samples yet{state && `: source ${words(state.state)}`}</p>;
}
