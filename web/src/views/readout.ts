// Text that follows the signal, at a pace that can be read.

/** Between two changes by the signal; faster is unreadable. */
const WRITE_MS = 100;

export class Readout {
  private written_ms = 0;
  private moved = true;

  /** What is read changed by the user: the text follows at once. */
  move(): void {
    this.moved = true;
  }

  /** Writes the text, on the side of the plot where the cursor is not. */
  write(target: HTMLElement | null, text: () => string, cursor_share: number): void {
    const now_ms = performance.now();
    if (target === null || (!this.moved && now_ms - this.written_ms < WRITE_MS)) return;
    this.written_ms = now_ms;
    this.moved = false;
    const next = text();
    if (target.textContent !== next) target.textContent = next;
    const side = cursor_share < 0.5 ? "right" : "left";
    if (target.dataset["side"] !== side) target.dataset["side"] = side;
  }
}
