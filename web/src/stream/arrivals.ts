// When frames arrive: the rate and the age that the viewer sees. Pure; times are given, by a clock that never runs back.

/** Time that is looked back, in milliseconds. */
const WINDOW_MS = 1000;
/** Arrivals that a rate needs; so many are kept however long they took. */
const LEAST = 3;

interface Arrival {
  arrived_ms: number;
  age_ms: number;
}

export class Arrivals {
  private readonly arrivals: Arrival[] = [];

  push(arrived_ms: number, age_ms: number): void {
    this.arrivals.push({ arrived_ms, age_ms });
    const old = this.arrivals.findIndex((arrival) => recent(arrival, arrived_ms));
    this.arrivals.splice(0, Math.min(old, this.arrivals.length - LEAST));
  }

  clear(): void {
    this.arrivals.length = 0;
  }

  /** Frames per second over the window; null until three arrived. */
  get fps(): number | null {
    const [first, last] = [this.arrivals[0], this.arrivals.at(-1)];
    if (first === undefined || last === undefined || this.arrivals.length < LEAST) return null;
    const span_ms = last.arrived_ms - first.arrived_ms;
    return span_ms > 0 ? ((this.arrivals.length - 1) * 1000) / span_ms : null;
  }

  /** Median age of what arrived within the window before the last arrival, that one at least; 0 before anything arrived. */
  get age_ms(): number {
    const now_ms = this.arrivals.at(-1)?.arrived_ms ?? 0;
    const ages = this.arrivals.filter((arrival) => recent(arrival, now_ms)).map(({ age_ms }) => age_ms);
    return ages.toSorted((x, y) => x - y)[Math.floor(ages.length / 2)] ?? 0;
  }
}

const recent = ({ arrived_ms }: Arrival, now_ms: number) => arrived_ms > now_ms - WINDOW_MS;
