// What a frame costs the main thread: taking the worker's message and drawing, in milliseconds. Shown with `?perf`.

const WINDOW = 256;

export class FrameCost {
  private readonly costs_ms = new Float64Array(WINDOW);
  private count = 0;
  private current_ms = 0;

  /** Runs a piece of the work of a frame. */
  measure(work: () => void): void {
    const start_ms = performance.now();
    work();
    this.current_ms += performance.now() - start_ms;
  }

  /** All work of a frame is done. */
  endFrame(): void {
    this.costs_ms[this.count++ % WINDOW] = this.current_ms;
    this.current_ms = 0;
  }

  /** Median and 95th percentile over the last 256 frames; null before the first. */
  get summary(): { median_ms: number; p95_ms: number; frames: number } | null {
    const filled = Math.min(this.count, WINDOW);
    if (filled === 0) return null;
    const sorted = this.costs_ms.slice(0, filled).toSorted();
    const at = (share: number) => sorted[Math.min(filled - 1, Math.floor(share * filled))] as number;
    return { median_ms: at(0.5), p95_ms: at(0.95), frames: this.count };
  }
}
