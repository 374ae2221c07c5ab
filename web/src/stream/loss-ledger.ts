// What was lost since the page was opened or cleared: sums per side, and the last few losses. Immutable, for React.

import type { Loss, LossSide } from "./continuity";

/** Losses that are listed; the sums count all. */
export const LISTED = 50;

export interface SideSum {
  /** Losses whose length is known, summed, in samples per channel. */
  samples: number;
  losses: number;
  /** Losses whose length nobody knows, because the epoch ended in them. */
  open_ended: number;
  /** False when an estimate is among `samples`. */
  exact: boolean;
}

export interface LossLedger {
  /** Newest first. */
  last: readonly Loss[];
  sums: Readonly<Record<LossSide, SideSum>>;
}

const NOTHING: SideSum = { samples: 0, losses: 0, open_ended: 0, exact: true };

export const NO_LOSSES: LossLedger = { last: [], sums: { device: NOTHING, viewer: NOTHING } };

export function addLoss(ledger: LossLedger, loss: Loss): LossLedger {
  const sum = ledger.sums[loss.side];
  const added: SideSum = {
    samples: sum.samples + (loss.samples ?? 0),
    losses: sum.losses + 1,
    open_ended: sum.open_ended + (loss.samples === null ? 1 : 0),
    exact: sum.exact && (loss.samples === null || loss.exact),
  };
  return { last: [loss, ...ledger.last].slice(0, LISTED), sums: { ...ledger.sums, [loss.side]: added } };
}
