// Runs in the browser: the client package by the session of its page.

import { frames, type RealtimeEvent, RealtimeAnalytics, spectra } from "@photophone/client";

/** An event that was captured, as it came back over server-sent events. */
export async function heardBySse(event: string): Promise<RealtimeEvent> {
  const analytics = new RealtimeAnalytics("");
  analytics.connectSSE({ events: [event] });
  return await heard(analytics, event);
}

/** And over a WebSocket. */
export async function heardBySocket(event: string): Promise<RealtimeEvent> {
  const analytics = new RealtimeAnalytics("");
  analytics.connectWebSocket({ events: [event] });
  return await heard(analytics, event);
}

async function heard(analytics: RealtimeAnalytics, event: string): Promise<RealtimeEvent> {
  const came = new Promise<RealtimeEvent>((resolve) => analytics.on(event, resolve));
  await new Promise<void>((resolve) => analytics.onPhase((phase) => phase?.phase === "live" && resolve()));
  await analytics.capture(event, { from: "a page" });
  const told = await came;
  analytics.disconnect();
  return told;
}

/** How many samples of `count` frames lie where the frame before ended, and how many values a spectrum has. */
export async function streamed(count: number): Promise<{ joined: number; bins: number }> {
  let [joined, left, next] = [0, count, -1];
  for await (const item of frames("")) {
    if (item.type !== "frame") continue;
    if (item.first_sample === next) joined++;
    next = item.first_sample + item.samples;
    if (--left === 0) break;
  }
  for await (const item of spectra("", { query: { size: 1024 } })) if (item.type === "spectrum") return { joined, bins: item.magnitude_a.length };
  return { joined, bins: 0 };
}
