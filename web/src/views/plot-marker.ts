// Draws the marker of a plot: a broken line with its letter.

import type { Paper } from "../plot/uplot";
import { palette } from "../theme";

/** `x` is in units of the x axis; outside of it nothing is drawn. */
export function drawMarker({ context, left, top, width, height, ratio, x: at }: Paper, x: number | null): void {
  if (x === null) return;
  const px = Math.round(at(x));
  if (px < left || px > left + width) return;
  context.strokeStyle = palette.text;
  context.lineWidth = ratio;
  context.setLineDash([4 * ratio, 3 * ratio]);
  context.beginPath();
  context.moveTo(px, top);
  context.lineTo(px, top + height);
  context.stroke();
  context.setLineDash([]);
  const right_side = px < left + width * 0.95;
  context.font = `600 ${11 * ratio}px system-ui, "Segoe UI", "Liberation Sans", Arial, sans-serif`;
  context.textAlign = right_side ? "left" : "right";
  context.textBaseline = "bottom";
  context.fillStyle = palette.text;
  context.fillText("M", px + (right_side ? 3 : -3) * ratio, top + height - 3 * ratio);
}
