// The newest samples of both channels, addressed by their index in the epoch. Fixed memory; what is missing reads as NaN.

export class SampleRing {
  readonly capacity: number;
  readonly a: Float32Array;
  readonly b: Float32Array;
  /** Index after the newest sample. */
  end = 0;
  /** Index of the oldest sample held. */
  start = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.a = new Float32Array(capacity);
    this.b = new Float32Array(capacity);
  }

  /** Appends samples whose first has the index `first`; a hole before them is filled with NaN, an empty `b` too. */
  push(first: number, a: ArrayLike<number>, b: ArrayLike<number>): void {
    if (this.end === this.start || first < this.end || first - this.end >= this.capacity) this.restart(first);
    for (let index = this.end; index < first; index++) this.put(index, Number.NaN, Number.NaN);
    for (let k = 0; k < a.length; k++) this.put(first + k, a[k] ?? Number.NaN, b[k] ?? Number.NaN);
    this.end = first + a.length;
    this.start = Math.max(this.start, this.end - this.capacity);
  }

  /** Forgets everything; the next sample has the index `first`. */
  restart(first: number): void {
    this.start = first;
    this.end = first;
  }

  /** A copy that later samples do not change. */
  copy(): SampleRing {
    const copy = new SampleRing(this.capacity);
    copy.a.set(this.a);
    copy.b.set(this.b);
    copy.start = this.start;
    copy.end = this.end;
    return copy;
  }

  private put(index: number, a: number, b: number): void {
    const at = index % this.capacity;
    this.a[at] = a;
    this.b[at] = b;
  }
}
