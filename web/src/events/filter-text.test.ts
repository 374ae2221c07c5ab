import type { SubscriptionFilter } from "@photophone/client";
import { describe, expect, it } from "vitest";
import { filterOf, namesOf, OPERATORS, rowOf } from "./filter-text";

const row = (operator: SubscriptionFilter["operator"], text: string) => filterOf({ property: "p", operator, text }).value;

describe("a typed value", () => {
  it.each([
    ["5", 5],
    ["-0.25", -0.25],
    ["true", true],
    ["null", null],
    ['"5"', "5"],
    ["[1, 2]", [1, 2]],
    ["red", "red"],
    ["{", "{"],
    ["", ""],
    ["1e999", "1e999"],
    [" a ", " a "],
  ])("%j means %j", (text, value) => {
    for (const operator of ["equals", "not_equals", "gt", "gte", "lt", "lte"] as const) expect(row(operator, text)).toEqual(value);
  });

  it.each(["contains", "starts_with", "regex"] as const)("is a text for %s, whatever it looks like", (operator) => {
    for (const text of ["404", "true", '"x"', "[1]"]) expect(row(operator, text)).toBe(text);
  });

  it.each([
    ["1, 2,red", [1, 2, "red"]],
    ['["a,b", 3]', ["a,b", 3]],
    ["", []],
    ["[1", ["[1"]],
  ])("%j is the list %j", (text, value) => expect(row("in", text)).toEqual(value));

  it("is none for what needs none", () => {
    expect(filterOf({ property: "p", operator: "is_set", text: "left over" })).toEqual({ property: "p", operator: "is_set" });
  });
});

it("shows each filter so that it means the same again", () => {
  const values = [5, -1.5, true, false, null, "red", "5", "true", '"quoted"', "", " a ", "a,b", [1, 2], { a: 1 }];
  const lists = [[], [1, "1", true], ["a,b", " c "], ["[x"], ["red", "green"]];
  for (const { value: operator } of OPERATORS) {
    const texts = ["contains", "starts_with", "regex"].includes(operator);
    for (const value of operator === "in" ? lists : values) {
      if (texts && typeof value !== "string") continue;
      const filter: SubscriptionFilter = operator.startsWith("is_") ? { property: "p", operator } : { property: "p", operator, value };
      expect(filterOf(rowOf(filter)), JSON.stringify(filter)).toEqual(filter);
    }
  }
});

it("has every operator once", () => {
  const operators = OPERATORS.map(({ value }) => value);
  expect(new Set(operators).size).toBe(12);
  expect(operators).toHaveLength(12);
});

it("reads names with commas or spaces between", () => {
  expect(namesOf(" daemon.*, $pageview  note,,")).toEqual(["daemon.*", "$pageview", "note"]);
  expect(namesOf(" ")).toEqual([]);
});
