// Reads single events of the server's streams, by a connection of its own and without the page's code.

export interface Place {
  epoch: string;
  first_sample: number;
}

/** The event that holds, or begins with, a sample that the server still keeps. */
export async function eventAt(url: string, token: string, kind: string, at: Place): Promise<Record<string, unknown>> {
  const controller = new AbortController();
  const headers = { Authorization: `Bearer ${token}`, "Last-Event-ID": `${at.epoch}:${Math.max(at.first_sample - BACK, 0)}` };
  const answer = await fetch(`${url}/api/audio/stream/${kind}?policy=lossless`, { headers, signal: controller.signal });
  if (!answer.ok || answer.body === null) throw new Error(`${kind}: ${answer.status}`);
  let text = "";
  for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
    text += part;
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    const found = blocks.map(dataOf).find((event) => event !== null && holds(event, kind, at));
    if (!found) continue;
    controller.abort();
    return found;
  }
  throw new Error(`${kind}: no event at ${at.first_sample}`);
}

/** Samples before the one looked for, so that the event that holds it comes too. */
const BACK = 20_000;

function dataOf(block: string): Record<string, unknown> | null {
  const data = /^data: ?(.*)$/m.exec(block)?.[1];
  return data === undefined ? null : (JSON.parse(data) as Record<string, unknown>);
}

function holds(event: Record<string, unknown>, kind: string, { epoch, first_sample }: Place): boolean {
  if (event["epoch"] !== epoch || typeof event["first_sample"] !== "number") return false;
  if (kind !== "audio") return event["first_sample"] === first_sample && Array.isArray(event["magnitude_a"]);
  if (!Array.isArray(event["channel_a"])) return false;
  return event["first_sample"] <= first_sample && first_sample < event["first_sample"] + event["channel_a"].length;
}
