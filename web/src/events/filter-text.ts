// Filters as people type them, and as the server has them.

import type { FilterOperator, SubscriptionFilter } from "@photophone/client";

/** One row of the builder. */
export interface FilterRow {
  property: string;
  operator: FilterOperator;
  /** What was typed as the value. */
  text: string;
}

/** All operators of docs/events.md, with the words that the builder has for them. */
export const OPERATORS: readonly { value: FilterOperator; text: string }[] = [
  { value: "equals", text: "=" },
  { value: "not_equals", text: "≠" },
  { value: "gt", text: ">" },
  { value: "gte", text: "≥" },
  { value: "lt", text: "<" },
  { value: "lte", text: "≤" },
  { value: "in", text: "is one of" },
  { value: "contains", text: "contains" },
  { value: "starts_with", text: "starts with" },
  { value: "regex", text: "matches" },
  { value: "is_set", text: "is set" },
  { value: "is_not_set", text: "is not set" },
];

const BARE: ReadonlySet<FilterOperator> = new Set(["is_set", "is_not_set"]);
/** Their value is a text, whatever it looks like. */
const OF_TEXTS: ReadonlySet<FilterOperator> = new Set(["contains", "starts_with", "regex"]);

export const takesValue = (operator: FilterOperator) => !BARE.has(operator);

export function filterOf({ property, operator, text }: FilterRow): SubscriptionFilter {
  if (!takesValue(operator)) return { property, operator };
  return { property, operator, value: operator === "in" ? listOf(text) : valueOf(operator, text) };
}

export function rowOf({ property, operator, value }: SubscriptionFilter): FilterRow {
  if (!takesValue(operator)) return { property, operator, text: "" };
  if (operator !== "in" || !Array.isArray(value)) return { property, operator, text: textOf(operator, value) };
  const plain = value.map((each) => textOf("equals", each)).join(", ");
  const is_plain = JSON.stringify(listOf(plain)) === JSON.stringify(value);
  return { property, operator, text: is_plain ? plain : JSON.stringify(value) };
}

/** What is JSON is meant so, as 5, true or "5"; all else is the text itself. */
function valueOf(operator: FilterOperator, text: string): unknown {
  if (OF_TEXTS.has(operator)) return text;
  try {
    const value: unknown = JSON.parse(text);
    // JSON has no infinity: it would travel as null.
    return value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY ? text : value;
  } catch {
    return text;
  }
}

function textOf(operator: FilterOperator, value: unknown): string {
  if (typeof value === "string" && valueOf(operator, value) === value) return value;
  return JSON.stringify(value) ?? "";
}

/** A JSON list, or values with commas between. */
function listOf(text: string): unknown[] {
  const whole = text.trim().startsWith("[") ? valueOf("equals", text) : null;
  if (Array.isArray(whole)) return whole;
  const parts = text.split(",").map((part) => part.trim());
  return parts.filter((part) => part !== "").map((part) => valueOf("equals", part));
}

/** Names with commas or spaces between. */
export const namesOf = (text: string) => text.split(/[\s,]+/).filter((name) => name !== "");
