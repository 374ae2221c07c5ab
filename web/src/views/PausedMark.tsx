// What stands on a chart whose picture is held, so that nobody takes it for the present.

import type { Facts } from "../stream/live";

export function PausedMark({ facts: { paused } }: { facts: Facts }) {
  return paused && <p className="paused-mark">paused</p>;
}
