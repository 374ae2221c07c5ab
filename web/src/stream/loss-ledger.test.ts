import { expect, it } from "vitest";
import type { Loss } from "./continuity";
import { addLoss, LISTED, NO_LOSSES } from "./loss-ledger";

const loss = (side: Loss["side"], samples: number | null, exact = true): Loss => ({
  cause: side === "device" ? "ring" : "subscriber",
  side,
  epoch: "e",
  from_sample: 0,
  samples,
  exact,
  seen_ms: 0,
  sample_rate: 48_000,
});

it("counts both sides apart and marks estimates", () => {
  const ledger = [loss("device", 10), loss("device", 5, false), loss("viewer", null)].reduce(addLoss, NO_LOSSES);
  expect(ledger.sums.device).toEqual({ samples: 15, losses: 2, open_ended: 0, exact: false });
  expect(ledger.sums.viewer).toEqual({ samples: 0, losses: 1, open_ended: 1, exact: true });
  expect(ledger.last[0]?.side).toBe("viewer");
});

it("lists a bounded number and counts all", () => {
  let ledger = NO_LOSSES;
  for (let n = 0; n < 1000; n++) ledger = addLoss(ledger, loss("viewer", 1));
  expect(ledger.last).toHaveLength(LISTED);
  expect(ledger.sums.viewer.samples).toBe(1000);
});
