// The socket that all tabs share, open while there is a tab that takes what comes, and each tab given the feeds that it
// wants. Browsers allow six connections to a server over all tabs. Knows no ports (see streams-host.ts).

import { Connection, overSocket, type Phase, type SocketTransportOptions } from "@photophone/client/parts";
import { type Feed, type FeedKey, FEEDS_PER_TAB, keyOf } from "./feeds";
import type { ToTab } from "./messages";
import { Outlet } from "./outlet";
import { Subscriptions } from "./subscriptions";

/** Asked over HTTP when no WebSocket opens: the server has the same rules for it. */
const URL_OF_A_STREAM = "/api/audio/stream/audio";
/** How often tabs are looked at and asked whether they are there. */
const LOOK_MS = 5_000;
/** A tab that owes an answer for more looks is away: frozen, crashed, or asleep with its machine. */
const PRESENT_LOOKS = 3;
/** After an hour it is forgotten; should it wake up after all, it joins anew. */
const FORGET_LOOKS = 720;

/** One tab, as seen from here. */
export interface Tab {
  /** It took one message more. */
  taken(): void;
  /** It shows these feeds from now on. */
  want(feeds: Feed[]): void;
  retryNow(): void;
  leave(): void;
}

export interface StreamsOptions extends Pick<SocketTransportOptions, "open" | "fetch"> {
  random: () => number;
  now_ms?: () => number;
}

interface Member {
  wanted: Map<FeedKey, Feed>;
  /** Closes its port. */
  close: () => void;
}

export class Streams {
  private readonly members = new Map<Outlet, Member>();
  private readonly subscriptions: Subscriptions;
  /** Null while no tab is there. */
  private connection: Connection<string | ArrayBuffer> | null = null;
  private phase: Phase = { phase: "connecting" };
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly options: StreamsOptions) {
    this.subscriptions = new Subscriptions({
      onMessage: (key, data, kind) => this.receive(key, data, kind),
      onFault: (feed, reason) => this.tell((wanted) => wanted.has(feed), { type: "fault", feed, reason }),
      onProblem: (message) => this.tellAll({ type: "problem", message }),
      random: options.random,
    });
  }

  /** A tab gets what comes from now on; `post` must not fail when the tab is gone. `close` when it is forgotten. */
  join(post: (message: ToTab) => void, close: () => void): Tab {
    // Whoever opens the page wants the streams now, perhaps with another session than the one that was refused.
    if (this.phase.phase === "waiting" || this.phase.phase === "denied") this.retryNow();
    const member: Member = { wanted: new Map(), close };
    const outlet = new Outlet({ post, facts: () => this.factsFor(member) });
    this.members.set(outlet, member);
    this.look();
    return {
      taken: () => this.taken(outlet),
      want: (feeds) => this.want(outlet, member, feeds),
      retryNow: () => this.retryNow(),
      leave: () => {
        this.members.delete(outlet);
        this.look();
      },
    };
  }

  /** Tries again at once what is not live. */
  retryNow(): void {
    // Who joins now must not take an old refusal for its own.
    if (this.phase.phase !== "live") this.phase = { phase: "connecting" };
    this.connection?.retryNow();
    this.subscriptions.retryNow();
  }

  /** Connects anew, also when it is live: with the session over, the server refuses. */
  askAgain(): void {
    this.connection?.askAgain();
  }

  private taken(outlet: Outlet): void {
    const was_away = isAway(outlet);
    outlet.taken();
    if (was_away) this.look();
  }

  private want(outlet: Outlet, member: Member, feeds: Feed[]): void {
    member.wanted = new Map(feeds.slice(0, FEEDS_PER_TAB).map((feed) => [keyOf(feed), feed]));
    this.look();
    outlet.tellFacts();
  }

  /** Connects for the first tab that is there, watches what those want that are, and closes after the last. */
  private look(): void {
    const here = [...this.members].filter(([outlet]) => !isAway(outlet));
    if (here.length > 0) this.open();
    else this.close();
    const wanted = new Map<FeedKey, Feed>();
    for (const [, member] of here) for (const [key, feed] of member.wanted) wanted.set(key, feed);
    this.watch(wanted);
    if (this.members.size > 0) this.timer ??= setInterval(() => this.ask(), LOOK_MS);
    else this.rest();
  }

  /** Who is away misses what is not watched for its sake. */
  private watch(feeds: Map<FeedKey, Feed>): void {
    for (const [outlet, { wanted }] of this.members) {
      for (const key of wanted.keys()) if (this.subscriptions.has(key) && !feeds.has(key)) outlet.miss(key);
    }
    this.subscriptions.want(feeds);
  }

  private ask(): void {
    for (const [outlet, { close }] of this.members) {
      outlet.look();
      if (outlet.silent_looks <= FORGET_LOOKS) continue;
      this.members.delete(outlet);
      close();
    }
    this.look();
  }

  private rest(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private open(): void {
    if (this.connection) return;
    this.connection = new Connection({
      ...this.options,
      transport: overSocket({
        ...this.options,
        onOpen: (socket) => this.subscriptions.connected(socket),
        question: { url: URL_OF_A_STREAM },
      }),
      onMessage: (data) => this.subscriptions.hear(data),
      onPhase: (phase) => this.change(phase),
    });
    void this.connection.run();
  }

  private close(): void {
    if (this.connection === null) return;
    this.connection.stop();
    this.connection = null;
    this.change({ phase: "connecting" });
  }

  private change(phase: Phase): void {
    this.phase = phase;
    if (phase.phase !== "live") this.subscriptions.disconnected();
    this.tellAll({ type: "phase", phase });
  }

  private receive(key: FeedKey, data: ArrayBuffer, kind: string): void {
    for (const [outlet, { wanted }] of this.members) if (wanted.has(key)) outlet.message(key, data, kind);
  }

  private tellAll(message: ToTab): void {
    this.tell(() => true, message);
  }

  private tell(whom: (wanted: Member["wanted"]) => boolean, message: ToTab): void {
    for (const [outlet, { wanted }] of this.members) if (whom(wanted)) outlet.tell(message);
  }

  private factsFor({ wanted }: Member): ToTab[] {
    const ofFeeds = [...wanted.keys()].flatMap((feed): ToTab[] => {
      const { fault, state } = this.subscriptions.factsOf(feed);
      const told: ToTab = { type: "fault", feed, reason: fault };
      return state ? [told, { type: "message", feed, data: state }] : [told];
    });
    return [{ type: "phase", phase: this.phase }, ...ofFeeds];
  }
}

const isAway = ({ silent_looks }: Outlet) => silent_looks > PRESENT_LOOKS;
