// The charts as they are seen, with a caption, drawn on one canvas: each canvas of the page where it stands, the lines and
// boxes over them, and the text of the page.

/** What is operated, and what is only spoken, is no part of a picture; in a table buttons are data. */
const NOT_DRAWN = "button:not(td button), select, input, option, details, .choice, .sr-only";
const PADDING_PX = 10;
const LINE_PX = 17;
const FONT = 'system-ui, "Segoe UI", "Liberation Sans", Arial, sans-serif';
const CAPTION_FONT = `12px ${FONT}`;

export interface LegendEntry {
  name: string;
  color: string;
}

export interface Caption {
  title: string;
  lines: string[];
  legend: LegendEntry[];
}

export function drawPicture(charts: HTMLElement, caption: Caption): HTMLCanvasElement {
  const ratio = devicePixelRatio;
  const box = charts.getBoundingClientRect();
  const canvas = document.createElement("canvas");
  const lines = wrapLines(caption.lines, box.width);
  const head_px = PADDING_PX + (lines.length + 2) * LINE_PX + 6;
  canvas.width = Math.round((box.width + 2 * PADDING_PX) * ratio);
  canvas.height = Math.round((box.height + head_px + PADDING_PX) * ratio);
  const context = canvas.getContext("2d", { alpha: false });
  if (context === null) throw new Error("this browser draws no picture");
  context.scale(ratio, ratio);
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  drawCaption(context, { ...caption, lines });
  context.translate(PADDING_PX - box.left, head_px - box.top);
  drawBoxes(context, charts, ".panel, .waterfall-canvas");
  for (const part of charts.querySelectorAll("canvas")) if (isSeen(part)) drawCanvas(context, part);
  drawBoxes(context, charts, ".waterfall-cross.on div");
  drawCursors(context, charts);
  drawBoxes(context, charts, ".cursor-readout:not(:empty), .paused-mark");
  drawText(context, charts);
  return canvas;
}

/** Lines that are too long, as a link can be, go on in the next: anywhere, since a link has no words. */
function wrapLines(lines: string[], width_px: number): string[] {
  const context = document.createElement("canvas").getContext("2d");
  if (context === null) return lines;
  context.font = CAPTION_FONT;
  return lines.flatMap((line) => {
    const pieces = [""];
    for (const character of line) {
      const piece = (pieces.at(-1) ?? "") + character;
      if (context.measureText(piece).width <= width_px) pieces[pieces.length - 1] = piece;
      else pieces.push(character);
    }
    return pieces;
  });
}

function drawCaption(context: CanvasRenderingContext2D, { title, lines, legend }: Caption): void {
  const { color } = getComputedStyle(document.body);
  context.fillStyle = color;
  context.textBaseline = "middle";
  context.font = `650 14px ${FONT}`;
  context.fillText(title, PADDING_PX, PADDING_PX + LINE_PX / 2);
  context.font = CAPTION_FONT;
  lines.forEach((line, n) => context.fillText(line, PADDING_PX, PADDING_PX + (n + 1.5) * LINE_PX));
  let x = PADDING_PX;
  const y = PADDING_PX + (lines.length + 1.5) * LINE_PX;
  for (const entry of legend) {
    context.fillStyle = entry.color;
    context.fillRect(x, y - 1, 16, 2);
    context.fillStyle = color;
    context.fillText(entry.name, x + 21, y);
    x += 21 + context.measureText(entry.name).width + 16;
  }
}

/** Backgrounds and borders. */
function drawBoxes(context: CanvasRenderingContext2D, charts: HTMLElement, selector: string): void {
  for (const part of charts.querySelectorAll(selector)) {
    if (!isSeen(part)) continue;
    const { left, top, width, height } = part.getBoundingClientRect();
    const style = getComputedStyle(part);
    context.globalAlpha = Number(style.opacity);
    context.fillStyle = style.backgroundColor;
    context.fillRect(left, top, width, height);
    if (style.borderTopStyle !== "none") {
      context.strokeStyle = style.borderTopColor;
      context.lineWidth = 1;
      context.strokeRect(left + 0.5, top + 0.5, width - 1, height - 1);
    }
    context.globalAlpha = 1;
  }
}

function drawCanvas(context: CanvasRenderingContext2D, part: HTMLCanvasElement): void {
  if (part.width === 0 || part.height === 0) return;
  const { left, top, width, height } = part.getBoundingClientRect();
  context.drawImage(part, left, top, width, height);
}

/** uPlot's cursor is an element with a border at its right, moved away where there is no cursor. */
function drawCursors(context: CanvasRenderingContext2D, charts: HTMLElement): void {
  for (const cursor of charts.querySelectorAll(".u-cursor-x")) {
    const over = cursor.parentElement?.getBoundingClientRect();
    const { right, top, height } = cursor.getBoundingClientRect();
    if (!over || right < over.left || right > over.right + 1) continue;
    context.fillStyle = getComputedStyle(cursor).borderRightColor;
    context.fillRect(right - 1, top, 1, height);
  }
}

function drawText(context: CanvasRenderingContext2D, charts: HTMLElement): void {
  const walker = document.createTreeWalker(charts, NodeFilter.SHOW_TEXT);
  context.textBaseline = "middle";
  context.textAlign = "left";
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    const parent = node.parentElement;
    if (parent === null || parent.closest(NOT_DRAWN) || !isSeen(parent)) continue;
    const style = getComputedStyle(parent);
    context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    context.fillStyle = style.color;
    context.save();
    if (style.overflowX === "hidden") clipTo(context, parent);
    for (const { text, rect } of linesOf(node)) context.fillText(text, rect.left, rect.top + rect.height / 2);
    context.restore();
  }
}

function clipTo(context: CanvasRenderingContext2D, part: Element): void {
  const { left, top, width, height } = part.getBoundingClientRect();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
}

/** The lines of a text as they are written in it; what the page wraps by itself is short of being seen here. */
function linesOf(node: Text): { text: string; rect: DOMRect }[] {
  let from = 0;
  return node.data.split("\n").flatMap((text) => {
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, from + text.length);
    from += text.length + 1;
    return text.trim() === "" ? [] : [{ text, rect: range.getBoundingClientRect() }];
  });
}

function isSeen(part: Element): boolean {
  return part.checkVisibility({ visibilityProperty: true });
}
