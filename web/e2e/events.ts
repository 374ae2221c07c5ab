// Reads single events of the server's streams, by a connection of its own and without the page's code.

export interface Place {
  epoch: string;
  first_sample: number;
}

type Event = Record<string, unknown>;

/** The event that holds, or begins with, a sample that the server still keeps. */
export async function eventAt(url: string, token: string, kind: string, at: Place): Promise<Event> {
  const back = { "Last-Event-ID": `${at.epoch}:${Math.max(at.first_sample - BACK, 0)}` };
  return await firstEvent(`${url}/api/audio/stream/${kind}?policy=lossless`, token, back, (event) => holds(event, kind, at));
}

/** The next event of a stream, named with its parameters, that is right. */
export async function nextEvent(url: string, token: string, stream: string, right: (event: Event) => boolean): Promise<Event> {
  return await firstEvent(`${url}/api/audio/stream/${stream}`, token, {}, right);
}

async function firstEvent(url: string, token: string, more: Record<string, string>, right: (event: Event) => boolean): Promise<Event> {
  const controller = new AbortController();
  const headers = { Authorization: `Bearer ${token}`, ...more };
  const answer = await fetch(url, { headers, signal: controller.signal });
  if (!answer.ok || answer.body === null) throw new Error(`${url}: ${answer.status}`);
  let text = "";
  for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
    text += part;
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    const found = blocks.map(dataOf).find((event) => event !== null && right(event));
    if (!found) continue;
    controller.abort();
    return found;
  }
  throw new Error(`${url}: ended without the event looked for`);
}

/** Samples before the one looked for, so that the event that holds it comes too. */
const BACK = 20_000;

function dataOf(block: string): Event | null {
  const data = /^data: ?(.*)$/m.exec(block)?.[1];
  return data === undefined ? null : (JSON.parse(data) as Event);
}

function holds(event: Event, kind: string, { epoch, first_sample }: Place): boolean {
  if (event["epoch"] !== epoch || typeof event["first_sample"] !== "number") return false;
  if (kind !== "audio") return event["first_sample"] === first_sample && Array.isArray(event["magnitude_a"]);
  if (!Array.isArray(event["channel_a"])) return false;
  return event["first_sample"] <= first_sample && first_sample < event["first_sample"] + event["channel_a"].length;
}
