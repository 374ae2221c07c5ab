import { expect, expectTypeOf, it } from "vitest";
import { keyOf, means, type Properties, type ServerEvents, type Subscription, subscriptionOf } from "./events.js";
import { RealtimeAnalytics } from "./realtime.js";

it.each([
  [[], "anything", true],
  [["a"], "a", true],
  [["a"], "a.b", false],
  [["x", "a.*"], "a.b.c", true],
  [["a.*"], "a", false],
  [["a.*"], "ab.c", false],
])("takes names %j for %s as the server does: %s", (names, event, meant) => {
  expect(means(names, event)).toBe(meant);
});

it("has one key for what is written alike, and finds the subscription again by it", () => {
  const one = (): Subscription => ({ events: ["a"], filters: [{ property: "p", operator: "is_set" }], environment: "lab" });
  const { events, filters, environment } = one();
  const turned = { id: "x", environment, filters, events } as Subscription;
  expect([keyOf(turned), subscriptionOf(keyOf(turned))]).toEqual([keyOf(one()), { ...one(), include_person: false }]);
  const others: Subscription[] = [{ ...one(), events: ["b"] }, { ...one(), include_person: true }, { ...one(), filters: [] }, {}];
  expect(new Set([one(), ...others].map(keyOf)).size).toBe(5);
});

it("types what is known, and lets a program add to it", () => {
  const analytics = new RealtimeAnalytics<ServerEvents & { "door.opened": { by: string } }>("http://lab");
  analytics.on("source.clipping", ({ event, properties }) => {
    expectTypeOf(event).toEqualTypeOf<"source.clipping">();
    expectTypeOf(properties.first_sample).toEqualTypeOf<number>();
  });
  analytics.on("door.opened", ({ properties }) => expectTypeOf(properties).toEqualTypeOf<{ by: string }>());
  analytics.on("*", ({ properties }) => expectTypeOf(properties).toEqualTypeOf<Properties>());
  // @ts-expect-error It has other properties.
  analytics.on("config.reloaded", ({ properties }) => properties.by);
});
