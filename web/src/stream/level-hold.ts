// The largest or the smallest level of each bin since a moment.

/** Levels of a spectrum by bin; `b` is null for a mono source. */
export interface ByBin {
  a: Float32Array;
  b: Float32Array | null;
}

export const copyOf = ({ a, b }: ByBin): ByBin => ({ a: a.slice(), b: b?.slice() ?? null });

export class LevelHold {
  /** Null while it is off, and before the first spectrum. */
  held: ByBin | null = null;
  private on = false;

  /** `pick` says which of two levels is held. */
  constructor(private readonly pick: (one_db: number, other_db: number) => number) {}

  /** Switches it; it begins with the newest spectrum, null before there was one. */
  switch(on: boolean, newest: ByBin | null): void {
    if (on === this.on) return;
    this.on = on;
    this.restart(newest);
  }

  /** Forgets what came before the newest spectrum. */
  restart(newest: ByBin | null): void {
    this.held = this.on && newest ? copyOf(newest) : null;
  }

  push({ a, b }: ByBin): void {
    if (!this.on) return;
    this.held = { a: this.join(this.held?.a ?? null, a), b: b && this.join(this.held?.b ?? null, b) };
  }

  /** A copy that later spectra do not change. */
  copy(): LevelHold {
    const copy = new LevelHold(this.pick);
    copy.on = this.on;
    copy.held = this.held && copyOf(this.held);
    return copy;
  }

  private join(held: Float32Array | null, levels: Float32Array): Float32Array {
    if (held === null) return levels.slice();
    for (let bin = 0; bin < held.length; bin++) held[bin] = this.pick(held[bin] as number, levels[bin] as number);
    return held;
  }
}
