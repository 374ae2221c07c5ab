import { describe, expect, it } from "vitest";
import { ALL_EVENTS, type EventQuery, fromLocalTime, LIVE_KEYS, localTime, PAST_KEYS, queryText, readQuery, subscriptionOf } from "./event-query";

const WHOLE: EventQuery = {
  events: ["daemon.*", "$pageview"],
  environment: "lab 3",
  filters: [
    { property: "a.b&c", operator: "in", value: [1, "x,y"] },
    { property: "n", operator: "is_set" },
    { property: "t", operator: "regex", value: "^a+#?$" },
  ],
  distinct_id: "ada+bob",
  since: "2025-06-15T15:10:50Z",
  until: "2025-06-16T00:00:00+02:00",
};

describe("a link", () => {
  it("carries a view whole", () => {
    expect(readQuery(queryText(WHOLE), PAST_KEYS)).toEqual({ query: WHOLE, problems: [] });
    expect(queryText(ALL_EVENTS)).toBe("");
  });

  it("tells what of it is not followed, and follows the rest", () => {
    const { query, problems } = readQuery("?events=a&since=soon&colour=red&filter=x&filter={\"property\":\"p\",\"operator\":\"like\"}", PAST_KEYS);
    expect(query).toEqual({ ...ALL_EVENTS, events: ["a"] });
    expect(problems).toEqual([
      "“since” cannot be “soon”",
      "“colour” is no part of this view",
      "“filter” cannot be “x”",
      "“filter” cannot be “{\"property\":\"p\",\"operator\":\"like\"}”",
    ]);
  });

  it("has no past for a view that follows none", () => {
    expect(readQuery("?since=2025-06-15T15:10:50Z", LIVE_KEYS).problems).toHaveLength(1);
  });
});

it("asks the history under its own key, with the part that is wanted", () => {
  const asked = new URLSearchParams(queryText({ ...ALL_EVENTS, events: ["a", "b.*"] }, "event", { limit: "5", cursor: "c d" }));
  expect([...asked]).toEqual([["event", "a,b.*"], ["limit", "5"], ["cursor", "c d"]]);
});

it("means any environment when none is named", () => {
  expect(subscriptionOf(ALL_EVENTS)).toEqual({ events: [], filters: [] });
  expect(subscriptionOf(WHOLE)).toEqual({ events: WHOLE.events, filters: WHOLE.filters, environment: "lab 3" });
});

it("shows times of this place and keeps them in UTC", () => {
  expect(localTime("")).toBe("");
  expect(fromLocalTime("")).toBe("");
  expect(fromLocalTime("nonsense")).toBe("");
  const shown = localTime("2025-06-15T15:10:50Z");
  expect(shown).toMatch(/^2025-06-1\dT\d\d:\d\d:50$/);
  expect(fromLocalTime(shown)).toBe("2025-06-15T15:10:50.000Z");
});
