// @vitest-environment happy-dom

import { act, StrictMode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, expectTypeOf, it } from "vitest";
import type { Phase } from "./connection.js";
import type { RealtimeEvent, Subscription } from "./events.js";
import { FakeSocket } from "./fake-server.fixture.js";
import { RealtimeProvider, useRealtimeEvents, useRealtimePhase } from "./react.js";
import { RealtimeAnalytics } from "./realtime.js";
import { event } from "./test-server.fixture.js";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

let root: Root;
let sockets: FakeSocket[];
let client: RealtimeAnalytics;
/** What the component was given at each render. */
let renders: string[][];
let phases: (Phase["phase"] | undefined)[];

beforeEach(() => {
  root = createRoot(document.createElement("div"));
  sockets = [];
  renders = [];
  phases = [];
  const webSocket = () => {
    const socket = new FakeSocket();
    sockets.push(socket);
    return socket as unknown as WebSocket;
  };
  client = new RealtimeAnalytics("http://lab", { webSocket });
});

afterEach(() => act(() => root.unmount()));

const note = (events: RealtimeEvent[]) => void renders.push(events.map(({ id }) => id));

function Events({ wanted, limit = 100 }: { wanted: readonly string[] | Subscription; limit?: number }) {
  note(useRealtimeEvents(wanted, { limit }));
  return null;
}

/** Never shown: what it is given has types. */
export function Typed() {
  const events = useRealtimeEvents(["stream.gap", "source.clipping"]);
  for (const { properties } of events) expectTypeOf(properties.epoch).toEqualTypeOf<string>();
  expectTypeOf(useRealtimeEvents({ events: ["stream.gap"] })).toEqualTypeOf<RealtimeEvent[]>();
  return null;
}

function Told() {
  phases.push(useRealtimePhase()?.phase);
  return null;
}

const show = (child: React.ReactNode, subscription?: Subscription) =>
  act(async () =>
    root.render(
      <StrictMode>
        <RealtimeProvider client={client} connect="websocket" {...(subscription && { subscription })}>{child}</RealtimeProvider>
      </StrictMode>,
    ),
  );

const last = () => sockets.at(-1) as FakeSocket;
/** What the last socket was told since it was asked last. */
const asked = () => last().sent.splice(0).map(({ type, id }) => `${type} ${id}`);

async function open(): Promise<string[]> {
  await act(async () => last().open());
  const words = last().sent.map(({ type, id }) => `${type} ${id}`);
  await answer();
  return words;
}

/** As the server does. */
const answer = () =>
  act(async () => {
    for (const { type, id } of last().sent.splice(0)) last().say({ type: `${type}d`, id });
  });

const say = (n: number, ids: string[]) => act(async () => last().say(event(n, "door.opened", ids)));

it("hears what it asks for, the newest first, as many as it keeps", async () => {
  await show(<Events wanted={["door.opened"]} limit={2} />);
  const words = await open();
  expect(words).toEqual(["unsubscribe default", expect.stringMatching(/^subscribe watch-\d$/)]);
  const id = words[1]?.split(" ")[1] ?? "";
  for (const n of [1, 2, 3]) await say(n, [id]);
  await say(4, ["another"]);
  expect(renders.at(-1)).toEqual(["id-3", "id-2"]);
});

it("stays subscribed as long as it means the same, and not a render longer", async () => {
  const filters = (value: number) => ({ events: ["a"], filters: [{ property: "p", operator: "gt" as const, value: { deep: [value] } }] });
  await show(<Events wanted={filters(1)} />, { events: ["b"] });
  const [kept, first = ""] = (await open()).map((word) => word.split(" ")[1]);
  await say(1, [first]);
  for (const limit of [100, 50]) await show(<Events wanted={filters(1)} limit={limit} />, { events: ["b"] });
  expect([kept, asked(), sockets.filter(({ closed }) => !closed).length, renders.at(-1)]).toEqual(["default", [], 1, ["id-1"]]);
  await show(<Events wanted={filters(2)} />, { events: ["b"] });
  expect(renders.at(-1)).toEqual([]);
  const words = last().sent.map(({ type, id }) => `${type} ${id}`);
  expect(words).toEqual([`unsubscribe ${first}`, expect.stringMatching(/^subscribe watch-\d$/)]);
  await answer();
  await say(2, [first]);
  await say(3, [words[1]?.split(" ")[1] ?? ""]);
  expect(renders.at(-1)).toEqual(["id-3"]);
});

it("shares what two components mean, and lets go of it after the last", async () => {
  const two = (count: number) => ["a", "b"].slice(0, count).map((name) => <Events key={name} wanted={["door.opened"]} />);
  await show(two(2));
  expect((await open()).length).toBe(2);
  await show(two(1));
  expect(asked()).toEqual([]);
  await show(null);
  expect(asked()).toEqual([expect.stringMatching(/^unsubscribe watch-\d$/)]);
});

it("connects once under StrictMode, tells the phase, and disconnects when it goes", async () => {
  await show(<Told />);
  expect(sockets.map(({ closed }) => closed)).toEqual([true, false]);
  await open();
  expect([phases.includes("connecting"), phases.at(-1)]).toEqual([true, "live"]);
  await act(async () => root.render(null));
  expect([last().closed, client.phase]).toEqual([true, null]);
});

it("says what is missing without a provider", async () => {
  const bare = act(async () => root.render(<Events wanted={[]} />));
  await expect(bare).rejects.toThrow("useRealtime needs a RealtimeProvider above it");
});
