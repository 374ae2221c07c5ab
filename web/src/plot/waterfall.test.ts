// @vitest-environment happy-dom

import { afterEach, expect, it, vi } from "vitest";
import { paintedCanvas } from "./waterfall";
import { waterfallChart } from "./waterfall-chart";

afterEach(() => void vi.restoreAllMocks());

/** A WebGL context that does nothing and says of every program whether it links. */
function context(links: boolean) {
  const results: Record<string, unknown> = { getProgramParameter: links, isContextLost: false };
  return new Proxy({}, { get: (_, name: string) => () => (name in results ? results[name] : {}) });
}

function offer(links: boolean): void {
  const contexts = (kind: string) => (kind === "webgl2" ? context(links) : null);
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockImplementation(contexts as never);
}

it("paints by canvas 2D where the shaders do not link", () => {
  offer(true);
  expect(paintedCanvas("webgl2").canvas.dataset["painter"]).toBe("webgl2");
  offer(false);
  expect(paintedCanvas("webgl2").canvas.dataset["painter"]).toBe("canvas2d");
});

it("does not clear the picture when its size stays", () => {
  offer(false);
  const box = document.createElement("div");
  const chart = waterfallChart(box, { painter: "canvas2d", scene: () => null, onHeight: () => {} });
  chart.resize(300, 200);
  const set = vi.spyOn(HTMLCanvasElement.prototype, "width", "set");
  chart.resize(300, 200);
  expect(set).not.toHaveBeenCalled();
  chart.resize(301, 200);
  expect(set).toHaveBeenCalledOnce();
});
