// What a chart can do, whatever it draws with. See ChartHost.

export interface Chart {
  /** Draws what is newest; called for every picture. */
  draw(): void;
  /** The colours changed. */
  repaint(): void;
  /** The box has another size, in CSS pixels. */
  resize(width_px: number, height_px: number): void;
  destroy(): void;
}
