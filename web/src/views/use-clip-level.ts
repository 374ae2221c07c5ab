// Tells the worker at what level samples clip.

import { useEffect } from "react";
import type { SourceInfo } from "../api/types";
import type { Live } from "../stream/live";

/** An answer that does not come takes nothing away: the level holds as long as its epoch. */
export function useClipLevel(live: Pick<Live, "facts" | "show">, source: SourceInfo | null): void {
  useEffect(() => {
    const epoch = live.facts.get().head?.epoch;
    if (source !== null && epoch !== undefined) live.show({ clip: { epoch, level: source.clip_level } });
  }, [live, source]);
}
