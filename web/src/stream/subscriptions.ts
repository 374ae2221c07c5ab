// Which of the feeds that tabs want are subscribed on the socket, and what the server says of them. Knows no tabs.

import { backoff_ms, type Heard } from "@photophone/client/parts";
import { readHead, VersionError } from "@photophone/client/wire";
import { type Feed, type FeedKey, FEEDS_PER_SOCKET } from "./feeds";

const FULL = `the tabs of this browser together show ${FEEDS_PER_SOCKET} feeds already: close one, or let two show the same`;

/** What the server says, told apart by `type`. */
interface Word {
  type?: unknown;
  id?: string | null;
  feed?: number;
  reason?: string;
  error?: { message: string };
  /** Of a subscription on this socket that has the feed asked for, in other words. */
  same_as?: string;
}

export interface SubscriptionsOptions {
  /** A message of a feed that is wanted. */
  onMessage: (key: FeedKey, data: ArrayBuffer, kind: string) => void;
  /** Why nothing comes of a feed, in words; null when something does again. */
  onFault: (key: FeedKey, fault: string | null) => void;
  /** The server sent what the API does not promise. */
  onProblem: (message: string) => void;
  random: () => number;
}

interface Line {
  readonly feed: Feed;
  /** Under which it was asked for on this socket; null while it is not. Never used twice, so late answers are known. */
  id: string | null;
  /** The line that has this feed already, in other words; null when none is known. */
  same: Line | null;
  /** In the messages of this feed, once it is open. */
  number: number | null;
  /** The newest state, for who comes later. */
  state: ArrayBuffer | null;
  fault: string | null;
  attempt: number;
  /** Runs while a refused feed is not asked for. */
  timer: ReturnType<typeof setTimeout> | undefined;
}

export class Subscriptions {
  private readonly lines = new Map<FeedKey, Line>();
  private socket: Pick<WebSocket, "send"> | null = null;
  private last_id = 0;

  constructor(private readonly options: SubscriptionsOptions) {}

  /** Exactly these from now on. */
  want(feeds: Map<FeedKey, Feed>): void {
    for (const [key, line] of this.lines) if (!feeds.has(key)) this.drop(key, line);
    for (const [key, feed] of feeds) if (!this.lines.has(key)) this.lines.set(key, newLine(feed));
    this.fill();
  }

  has(key: FeedKey): boolean {
    return this.lines.has(key);
  }

  /** What of a feed must be known by who comes later. */
  factsOf(key: FeedKey): { fault: string | null; state: ArrayBuffer | null } {
    const { fault = null, state = null } = this.lines.get(key) ?? {};
    return { fault, state };
  }

  connected(socket: Pick<WebSocket, "send">): void {
    this.disconnected();
    this.socket = socket;
    this.fill();
  }

  disconnected(): void {
    this.socket = null;
    for (const line of this.lines.values()) this.rest(line);
  }

  /** Asks again at once for what was refused. */
  retryNow(): void {
    for (const line of this.lines.values()) if (line.id === null && line.same === null) this.rest(line);
    this.fill();
  }

  hear(data: string | ArrayBuffer): Heard {
    try {
      return typeof data === "string" ? this.hearWord(JSON.parse(data) as Word) : this.take(data);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.options.onProblem(reason);
      return error instanceof VersionError ? { farewell: reason, unreadable: true } : "word";
    }
  }

  private take(data: ArrayBuffer): Heard {
    const { feed, kind } = readHead(new Uint8Array(data));
    if (feed === 0) return "data";
    const takers = [...this.lines].filter(([, line]) => (line.same ?? line).number === feed);
    for (const [key, line] of takers) {
      if (kind === "state") line.state = data;
      else line.attempt = 0;
      this.options.onMessage(key, data, kind);
    }
    // Of a feed that was dropped some may still come.
    return kind === "state" || takers.length === 0 ? "word" : "data";
  }

  private hearWord({ type, id = null, feed, reason, error, same_as }: Word): Heard {
    if (type === "shutdown") return { farewell: reason ?? "the server was shut down" };
    if (type === "reauth") return { farewell: reason ?? "the session has expired" };
    const [key, line] = id === null ? [] : this.find((each) => each.id === id);
    if (line === undefined || key === undefined) return "word";
    if (type === "subscribed") this.open(key, line, feed ?? null);
    else if (type === "ended") this.refuse(key, line, reason ?? "the server ended this feed");
    else if (type === "error" && same_as !== undefined) this.share(key, line, same_as);
    else if (type === "error") this.refuse(key, line, error?.message ?? "the server refused this feed");
    return "word";
  }

  private find(right: (line: Line) => boolean): [FeedKey, Line] | [] {
    for (const entry of this.lines) if (right(entry[1])) return entry;
    return [];
  }

  private open(key: FeedKey, line: Line, number: number | null): void {
    line.number = number;
    this.fail(key, line, null);
  }

  /** Takes what comes for the other from now on. */
  private share(key: FeedKey, line: Line, id: string): void {
    const [, other] = this.find((each) => each.id === id);
    // It was dropped meanwhile, which the server is told by now.
    if (other === undefined || other === line) return this.askLater(line);
    this.rest(line);
    line.same = other;
    line.state = other.state;
    this.fail(key, line, null);
    if (line.state !== null) this.options.onMessage(key, line.state, "state");
  }

  /** It may be possible later: the source may change, or others may leave. */
  private refuse(key: FeedKey, line: Line, reason: string): void {
    this.askLater(line);
    this.fail(key, line, reason);
    this.fill();
  }

  private askLater(line: Line): void {
    this.rest(line);
    line.timer = setTimeout(() => {
      line.timer = undefined;
      this.fill();
    }, backoff_ms(line.attempt++, this.options.random));
  }

  private fail(key: FeedKey, line: Line, fault: string | null): void {
    if (fault === line.fault) return;
    line.fault = fault;
    this.options.onFault(key, fault);
  }

  /** Asks for what is not asked for yet, as far as the server allows. */
  private fill(): void {
    if (this.socket === null) return;
    const lines = [...this.lines];
    let free = FEEDS_PER_SOCKET - lines.filter(([, { id }]) => id !== null).length;
    for (const [key, line] of lines) {
      if (line.id !== null || line.same !== null || line.timer !== undefined) continue;
      if (free-- > 0) this.ask(line);
      else this.fail(key, line, FULL);
    }
  }

  private ask(line: Line): void {
    line.id = String(++this.last_id);
    this.say({ type: "subscribe", id: line.id, ...line.feed });
  }

  /** The subscription goes on under its id while another shares it. */
  private drop(key: FeedKey, line: Line): void {
    const [heir, ...others] = this.sharersOf(line);
    if (heir) {
      Object.assign(heir, { id: line.id, number: line.number, same: null });
      for (const other of others) other.same = heir;
    } else if (line.id !== null) this.say({ type: "unsubscribe", id: line.id });
    this.rest(line);
    this.lines.delete(key);
  }

  private sharersOf(line: Line): Line[] {
    return [...this.lines.values()].filter(({ same }) => same === line);
  }

  /** Nothing of it is asked for; who shared it asks anew. */
  private rest(line: Line): void {
    for (const other of this.sharersOf(line)) other.same = null;
    clearTimeout(line.timer);
    line.timer = undefined;
    line.id = null;
    line.same = null;
    line.number = null;
  }

  private say(word: object): void {
    this.socket?.send(JSON.stringify(word));
  }
}

const newLine = (feed: Feed): Line => ({ feed, id: null, same: null, number: null, state: null, fault: null, attempt: 0, timer: undefined });
