// One animation frame for all charts: draws when something changed and the page is visible, and measures what it costs.

import type { FrameCost } from "./frame-cost";

export class DrawLoop {
  private readonly draws = new Set<() => void>();
  private scheduled = false;

  constructor(private readonly cost: FrameCost) {}

  /** Adds a chart; returns how to remove it. */
  add(draw: () => void): () => void {
    this.draws.add(draw);
    this.invalidate();
    return () => this.draws.delete(draw);
  }

  /** Something changed. Browsers give no animation frames to a hidden page, so that it draws nothing. */
  invalidate(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      this.cost.measure(() => this.drawNow());
      this.cost.endFrame();
    });
  }

  /** Draws at once, for who takes the picture: a canvas of WebGL shows it only until the task ends. */
  drawNow(): void {
    for (const draw of this.draws) draw();
  }
}
