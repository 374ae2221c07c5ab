// A view is a link: what shapes the view stands in the query of the address, as far as it differs from the default.

import { borrow, DEFAULTS, isBorrowed, isValid, type Settings, settings } from "./settings";

type Key = keyof Settings;

/** Settings of a person and a machine, which no link carries. */
const OWN: ReadonlySet<Key> = new Set(["theme", "painter", "shortcuts"]);
export const VIEW_KEYS: readonly Key[] = (Object.keys(DEFAULTS) as Key[]).filter((key) => !OWN.has(key));
/** Makes a link of a view that is all default, which would else be an address without a view. */
const MARK = "view";
/** What the address may hold that is no setting. */
const OTHERS: ReadonlySet<string> = new Set(["perf", MARK]);

/** Browsers refuse to write the address too often, Safari more than 100 times in 30 s. */
const WRITE_AFTER_MS = 350;
/** After a refusal none the less. */
const TRY_AGAIN_MS = 10_000;

export interface ViewLink {
  /** The settings of a whole view; null when the address holds none. */
  view: Partial<Settings> | null;
  /** What was not followed, for people. */
  problems: string[];
}

export function readLink(search: string): ViewLink {
  const given: Partial<Record<Key, unknown>> = {};
  const problems: string[] = [];
  let is_view = false;
  for (const [name, text] of new URLSearchParams(search)) {
    is_view ||= name === MARK || isKey(name);
    if (!isKey(name)) {
      if (!OTHERS.has(name)) problems.push(`“${shorten(name)}” is no setting`);
      continue;
    }
    const value = valueOf(name, text);
    if (value === undefined) problems.push(`“${name}” cannot be “${shorten(text)}”`);
    else given[name] = value;
  }
  return { view: is_view ? ({ ...pick(DEFAULTS), ...given } as Partial<Settings>) : null, problems };
}

/** The query, with "?", that leads to the view; of `search` it keeps what is no setting. Empty when there is nothing to say. */
export function linkQuery(chosen: Settings, search: string): string {
  const kept = search.replace(/^\?/, "").split("&").filter((part) => OTHERS.has(part.split("=")[0] ?? "") && part !== MARK);
  const changed = VIEW_KEYS.filter((key) => chosen[key] !== DEFAULTS[key]);
  const parts = [...kept, ...changed.map((key) => `${key}=${encodeURIComponent(String(chosen[key]))}`)];
  return parts.length > 0 ? `?${parts.join("&")}` : "";
}

/** The address to hand on; it leads to this view also where somebody has settings of their own. */
export function shareLink(): string {
  const query = linkQuery(settings.get(), "");
  return `${location.origin}${location.pathname}${query || `?${MARK}`}`;
}

/** Shows the view of the address, if it holds one, and keeps the address up to date; returns what was not followed. */
export function followAddress(): string[] {
  const { view, problems } = readLink(takeUnwritten() ?? location.search);
  if (view) borrow(view);
  writeAddress();
  settings.subscribe(writeSoon);
  addEventListener("pagehide", keepUnwritten);
  return problems;
}

/** For this tab: the address that it had when it went, and the one that was due. Storage may be refused, see settings.ts. */
const UNWRITTEN = "photophone.address";

function keepUnwritten(): void {
  if (timer === undefined) return;
  try {
    sessionStorage.setItem(UNWRITTEN, `${location.search}\n${dueQuery()}`);
  } catch {
    // The page comes back as the address has it.
  }
}

function takeUnwritten(): string | undefined {
  try {
    const [had, due] = sessionStorage.getItem(UNWRITTEN)?.split("\n") ?? [];
    sessionStorage.removeItem(UNWRITTEN);
    return had === location.search ? due : undefined;
  } catch {
    return undefined;
  }
}

/** Of the view that is shown; an address without one would lead to what is kept. */
function dueQuery(): string {
  const query = linkQuery(settings.get(), location.search);
  return isBorrowed() && readLink(query).view === null ? `${query || "?"}${query && "&"}${MARK}` : query;
}

let timer: ReturnType<typeof setTimeout> | undefined;

/** Once for what changes in a row, as by a key that is held down. */
function writeSoon(): void {
  timer ??= setTimeout(writeAddress, WRITE_AFTER_MS);
}

function writeAddress(): void {
  clearTimeout(timer);
  timer = undefined;
  const query = dueQuery();
  if (query === location.search) return;
  try {
    history.replaceState(history.state, "", location.pathname + query + location.hash);
  } catch {
    timer = setTimeout(writeAddress, TRY_AGAIN_MS);
  }
}

const isKey = (name: string): name is Key => (VIEW_KEYS as readonly string[]).includes(name);

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/;
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

/** The value that a text stands for; undefined when the setting cannot have it. */
function valueOf(key: Key, text: string): unknown {
  const meanings = [text, WORDS.get(text), NUMBER.test(text) ? Number(text) : undefined];
  return meanings.find((value) => value !== undefined && isValid(key, value));
}

function pick(from: Settings): Partial<Settings> {
  return Object.fromEntries(VIEW_KEYS.map((key) => [key, from[key]]));
}

const shorten = (text: string) => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
