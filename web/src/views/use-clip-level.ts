// Tells the worker at what level samples clip.

import { useEffect } from "react";
import type { SourceInfo } from "../api/types";
import type { Live } from "../stream/live";

/** An answer that does not come takes nothing away: the level holds as long as its epoch. */
export function useClipLevel(live: Pick<Live, "facts" | "show">, source: SourceInfo | null): void {
  useEffect(() => {
    const { head, state } = live.facts.get();
    const epoch = head?.epoch ?? state?.epoch;
    if (source !== null && epoch) live.show({ clip: { epoch, level: source.clip_level } });
  }, [live, source]);
}
