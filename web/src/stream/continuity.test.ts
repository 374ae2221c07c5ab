import { describe, expect, it } from "vitest";
import { Continuity } from "./continuity";

const head = (epoch: string, first_sample: number) => ({ epoch, first_sample, sample_rate: 48_000 });

describe("Continuity", () => {
  it("finds no hole in a whole stream, wherever it starts", () => {
    const continuity = new Continuity();
    for (let first = 2 ** 40; first < 2 ** 40 + 16_000; first += 1600) {
      expect(continuity.frame(head("e", first), 1600, 0)).toBeNull();
    }
  });

  it("passes an announced gap on and finds no second hole after it", () => {
    const continuity = new Continuity();
    continuity.frame(head("e", 0), 100, 0);
    const losses = continuity.gap({ epoch: "e", from_sample: 100, to_sample: 350, cause: "device", exact: false }, 7);
    const known = { epoch: "e", from_sample: 100, samples: 250, exact: false, seen_ms: 7, sample_rate: 48_000 };
    expect(losses).toEqual([{ cause: "device", side: "device", ...known }]);
    expect(continuity.frame(head("e", 350), 100, 0)).toBeNull();
  });

  it("does not invent the length of a gap in which the epoch ended", () => {
    const continuity = new Continuity();
    continuity.frame(head("e", 0), 100, 0);
    const gap = { epoch: "e", from_sample: 100, to_sample: null, cause: "reopen", exact: false, next_epoch: "f" } as const;
    expect(continuity.gap(gap, 0).map(({ samples }) => samples)).toEqual([null]);
    expect(continuity.frame(head("f", 0), 100, 0)).toBeNull();
  });

  it("times a loss by the rate of its own epoch, and by none before a frame told it", () => {
    const continuity = new Continuity();
    continuity.frame(head("e", 0), 100, 0);
    const end = { epoch: "e", from_sample: 100, to_sample: null, cause: "reopen", exact: false, next_epoch: "f" } as const;
    const begin = { epoch: "f", from_sample: 0, to_sample: 9600, cause: "subscriber", exact: true } as const;
    expect(continuity.gap(end, 0)).toMatchObject([{ epoch: "e", sample_rate: 48_000 }]);
    expect(continuity.gap(begin, 0)).toMatchObject([{ epoch: "f", sample_rate: null }]);
    continuity.frame({ ...head("f", 9600), sample_rate: 96_000 }, 100, 0);
    expect(continuity.frame(head("f", 9800), 100, 0)).toMatchObject({ epoch: "f", sample_rate: 96_000 });
    // The hole is of the old epoch, the gap of the new one.
    expect(continuity.gap({ ...begin, epoch: "g" }, 0)).toMatchObject([
      { epoch: "f", sample_rate: 48_000 },
      { epoch: "g", sample_rate: null },
    ]);
  });

  it("names a hole that nobody announced", () => {
    const continuity = new Continuity();
    continuity.frame(head("e", 0), 100, 0);
    expect(continuity.frame(head("e", 160), 100, 0)).toMatchObject({ cause: "unannounced", side: "viewer", samples: 60 });
  });

  it("counts what passed between two connections as the viewer's", () => {
    const continuity = new Continuity();
    continuity.frame(head("e", 0), 100, 0);
    continuity.connectionLost();
    expect(continuity.frame(head("e", 5100), 100, 0)).toMatchObject({ cause: "connection", samples: 5000, exact: true });
    continuity.connectionLost();
    expect(continuity.frame(head("f", 0), 100, 0)).toMatchObject({ cause: "connection", epoch: "e", samples: null });
    expect(continuity.frame(head("f", 100), 100, 0)).toBeNull();
  });

  it("counts what this page was too slow for as its own, and only the next hole", () => {
    const continuity = new Continuity();
    continuity.frame(head("e", 0), 100, 0);
    continuity.tooSlow();
    expect(continuity.frame(head("e", 300), 100, 0)).toMatchObject({ cause: "subscriber", side: "viewer", samples: 200, exact: true });
    expect(continuity.frame(head("e", 500), 100, 0)).toMatchObject({ cause: "unannounced", samples: 100 });
  });

  it("counts the hole before a gap that is the first event of a connection", () => {
    const continuity = new Continuity();
    continuity.frame(head("e", 0), 100, 0);
    continuity.connectionLost();
    const gap = { epoch: "e", from_sample: 5100, to_sample: 9100, cause: "reopen", exact: false } as const;
    expect(continuity.gap(gap, 0)).toMatchObject([
      { cause: "connection", side: "viewer", from_sample: 100, samples: 5000, exact: true },
      { cause: "reopen", side: "device", from_sample: 5100, samples: 4000, exact: false },
    ]);
    // The connection explains nothing that comes later.
    expect(continuity.frame(head("e", 9200), 100, 0)).toMatchObject({ cause: "unannounced", samples: 100 });
  });

  it("keeps the two sides apart", () => {
    const sides = (["device", "ring", "reopen", "subscriber", "history", "processor"] as const).map(
      (cause) => new Continuity().gap({ epoch: "e", from_sample: 0, to_sample: 1, cause, exact: true }, 0)[0]?.side,
    );
    expect(sides).toEqual(["device", "device", "device", "viewer", "viewer", "viewer"]);
  });
});
