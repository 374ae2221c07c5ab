// Marks the peak of each channel in the spectrum: a triangle above it and its frequency.

import type { Paper } from "../plot/uplot";
import { positionOf } from "../stream/frequency-axis";
import type { Peak, SpectrumView } from "../stream/spectrum-view";
import { palette } from "../theme";
import { frequency } from "./format";

export function drawPeaks(paper: Paper, spectrum: SpectrumView | null): void {
  if (spectrum === null) return;
  if (spectrum.peak_b) drawMark(paper, spectrum, spectrum.peak_b, palette.b);
  if (spectrum.peak_a) {
    drawMark(paper, spectrum, spectrum.peak_a, palette.a);
    drawLabel(paper, spectrum, spectrum.peak_a);
  }
}

function at(paper: Paper, spectrum: SpectrumView, peak: Peak): { x: number; y: number } {
  const y = paper.y(peak.level_db) - 5 * paper.ratio;
  return { x: paper.x(positionOf(spectrum.axis, peak.hz)), y: Math.max(y, paper.top + 8 * paper.ratio) };
}

function drawMark(paper: Paper, spectrum: SpectrumView, peak: Peak, color: string): void {
  const { context, ratio } = paper;
  const { x, y } = at(paper, spectrum, peak);
  context.fillStyle = color;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x - 4 * ratio, y - 7 * ratio);
  context.lineTo(x + 4 * ratio, y - 7 * ratio);
  context.fill();
}

function drawLabel(paper: Paper, spectrum: SpectrumView, peak: Peak): void {
  const { context, ratio } = paper;
  const { x, y } = at(paper, spectrum, peak);
  const right_side = x < paper.left + paper.width * 0.8;
  context.font = `600 ${12 * ratio}px system-ui, "Segoe UI", "Liberation Sans", Arial, sans-serif`;
  context.textAlign = right_side ? "left" : "right";
  context.textBaseline = "middle";
  context.fillStyle = palette.text;
  context.fillText(frequency(peak.hz), x + (right_side ? 8 : -8) * ratio, y - 4 * ratio);
}
