// When frames arrive: the rate and the age that the viewer sees. Pure; times are given.

/** Arrivals that are looked at. */
const WINDOW = 32;

export class Arrivals {
  private readonly arrived_ms: number[] = [];
  private readonly ages_ms: number[] = [];

  push(arrived_ms: number, age_ms: number): void {
    this.arrived_ms.push(arrived_ms);
    this.ages_ms.push(age_ms);
    if (this.arrived_ms.length > WINDOW) {
      this.arrived_ms.shift();
      this.ages_ms.shift();
    }
  }

  clear(): void {
    this.arrived_ms.length = 0;
    this.ages_ms.length = 0;
  }

  /** Frames per second over the window; null until three arrived. */
  get fps(): number | null {
    const [first, last] = [this.arrived_ms[0], this.arrived_ms.at(-1)];
    if (first === undefined || last === undefined || this.arrived_ms.length < 3 || last <= first) return null;
    return ((this.arrived_ms.length - 1) * 1000) / (last - first);
  }

  /** Median age over the window; 0 before anything arrived. */
  get age_ms(): number {
    const sorted = this.ages_ms.toSorted((x, y) => x - y);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  }
}
