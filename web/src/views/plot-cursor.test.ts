import { describe, expect, it, vi } from "vitest";
import { frequencyAxis } from "../stream/frequency-axis";
import { DBFS } from "../stream/level-unit";
import { SpectrumCursor } from "./spectrum-cursor";
import { WaveCursor } from "./wave-cursor";

const loop = { invalidate: vi.fn() } as never;
const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, " ").replaceAll("−", "-");

describe("in the spectrum", () => {
  // Linear, 0 to 24 kHz in steps of 1 kHz: what is read can be told by hand.
  const x = Float32Array.from({ length: 25 }, (_, n) => n / 24);
  const a = Float32Array.from({ length: 25 }, (_, n) => -100 + n);
  const spectrum = { axis: frequencyAxis("linear", 48_000, null, null), x, a, b: a.map((db) => db - 10), peak_a: { hz: 5000, level_db: -94 }, level: DBFS };
  const cursor = () => new SpectrumCursor({ loop, spectrum: spectrum as never });

  it("reads cursor, marker and their difference", () => {
    const at = cursor();
    at.pick(4.2 / 24);
    at.point(10.9 / 24);
    expect(plain(at.text()).split("\n")).toEqual([
      "cursor 11.000 kHz  A -89.0  B -99.0 dBFS",
      "marker 4 000.0 Hz  A -96.0  B -106.0 dBFS",
      "Δ  +7 000.0 Hz  A +7.0  B +7.0 dB",
    ]);
  });

  it("keeps the marker at its frequency on another axis, and tells no level outside of it", () => {
    const at = cursor();
    at.pick(4 / 24);
    const narrow = { ...spectrum, axis: frequencyAxis("linear", 48_000, 10_000, null) };
    const other = new SpectrumCursor({ loop, spectrum: narrow as never });
    other.marker = at.marker;
    expect(plain(other.text())).toBe("marker 4 000.0 Hz  A —  B — dBFS");
  });

  it("goes by keys from point to point, to the peak and away", () => {
    const at = cursor();
    const press = (key: string, big = false) => (at.key(key, big), plain(at.text()).split("  ")[0]);
    expect(press("Enter")).toBe("cursor 5 000.0 Hz");
    expect(press("ArrowRight")).toBe("cursor 6 000.0 Hz");
    expect(press("ArrowRight", true)).toBe("cursor 16.000 kHz");
    expect(press("End")).toBe("cursor 24.000 kHz");
    expect(press("ArrowRight")).toBe("cursor 24.000 kHz");
    expect(press("Home")).toBe("cursor 0.0 Hz");
    expect(press("Escape")).toBe("");
    expect(at.key("x", false)).toBe(false);
  });

  it("takes the marker away by a second click or key, and leaves a cursor of keys to the pointer that moves", () => {
    const at = cursor();
    at.key("Enter", false);
    at.key("m", false);
    expect(at.marker).toBeCloseTo(5000);
    at.point(null);
    expect(at.position).not.toBeNull();
    at.key("M", false);
    expect(at.marker).toBeNull();
    at.point(0.5);
    at.point(null);
    expect(at.position).toBeNull();
  });
});

describe("in the waveform", () => {
  const samples = {
    x: Float32Array.of(0, 0.001, 0.002, 0.003),
    a: Float32Array.of(0, 0.5, -0.25, 0.125),
    b: Float32Array.of(0, 0, 0.01, 1),
    from_s: 0,
    to_s: 0.004,
    stereo: true,
    largest: 1,
  };

  it("reads times, amplitudes, the time between and its inverse", () => {
    const at = new WaveCursor({ loop, wave: samples as never });
    at.pick(0.0011);
    at.point(0.0029);
    expect(plain(at.text()).split("\n")).toEqual([
      "cursor 3.0 ms  A 0.125  B 1.000 FS",
      "marker 1.0 ms  A 0.500  B 0.000 FS",
      "Δ +2.0 ms  1/Δt 500.0 Hz  ΔA -0.375  ΔB +1.000",
    ]);
  });

  it("reads minimum and maximum of columns, and steps over both", () => {
    const x = Float32Array.of(0, 0, 1, 1, 2, 2);
    const wave = { x, a: Float32Array.of(-1, 1, -2, 2, -3, 3), b: x, from_s: 0, to_s: 3, stereo: false, largest: 3 };
    const at = new WaveCursor({ loop, wave: wave as never });
    at.key("Home", false);
    at.key("ArrowRight", false);
    expect(plain(at.text())).toBe("cursor 1.0 s  A -2.000 … 2.000 FS");
    at.key("End", false);
    expect(plain(at.text())).toBe("cursor 2.0 s  A -3.000 … 3.000 FS");
  });

  it("tells nothing of samples that are missing", () => {
    const wave = { ...samples, a: Float32Array.of(Number.NaN, 0, 0, 0), stereo: false };
    const at = new WaveCursor({ loop, wave: wave as never });
    at.point(0);
    expect(plain(at.text())).toBe("cursor 0.0 ms  A — FS");
  });
});
