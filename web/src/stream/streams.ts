// Both streams, kept open while there is a tab that takes them, and given to all tabs. Browsers allow six connections to a
// server over all tabs: streams of each tab's own would use them up. Knows no ports (see streams-host.ts).

import type { EventSourceMessage } from "eventsource-parser";
import { Connection, type ConnectionOptions, type Phase } from "./connection";
import { type StreamName, STREAMS, type ToTab } from "./messages";
import { Outlet } from "./outlet";

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
  retryNow(): void;
  leave(): void;
}

export type StreamsOptions = Pick<ConnectionOptions, "fetch" | "random" | "now_ms">;

/** A stream that is open, and what of it a tab must know that comes later. */
interface Line {
  connection: Connection;
  phase: Phase;
  state: EventSourceMessage | null;
}

export class Streams {
  /** All tabs, each with what closes its port. */
  private readonly outlets = new Map<Outlet, () => void>();
  /** Empty while no tab is there. */
  private readonly lines = new Map<StreamName, Line>();
  private timer: ReturnType<typeof setInterval> | undefined;
  private readonly waiting_for_room = new Set<() => void>();

  constructor(private readonly options: StreamsOptions) {}

  /** A tab begins with what comes from now on; `post` must not fail when the tab is gone. `close` when it is forgotten. */
  join(post: (message: ToTab) => void, close: () => void): Tab {
    // Whoever opens the page wants the streams now, perhaps with another session than the one that was refused.
    if ([...this.lines.values()].some(isResting)) this.retryNow();
    const outlet = new Outlet({ post, facts: () => this.facts() });
    this.outlets.set(outlet, close);
    this.look();
    return {
      taken: () => this.taken(outlet),
      retryNow: () => this.retryNow(),
      leave: () => {
        this.outlets.delete(outlet);
        this.look();
      },
    };
  }

  /** Tries again at once what is not live. */
  retryNow(): void {
    for (const line of this.lines.values()) {
      // Who joins now must not take an old refusal for its own.
      if (line.phase.phase !== "live") line.phase = { phase: "connecting" };
      line.connection.retryNow();
    }
  }

  /** Asks for the streams anew, also those that are live: with the session over, the server refuses them. */
  askAgain(): void {
    for (const { connection } of this.lines.values()) connection.askAgain();
    this.release();
  }

  private taken(outlet: Outlet): void {
    const was_away = isAway(outlet);
    outlet.taken();
    if (was_away) this.look();
    else if (outlet.roomy) this.readOn();
  }

  /** Opens the streams for the first tab that is there, and closes them after the last. */
  private look(): void {
    if (this.here().length > 0) this.open();
    else this.close();
    this.readOn();
    if (this.outlets.size > 0) this.timer ??= setInterval(() => this.ask(), LOOK_MS);
    else this.rest();
  }

  private ask(): void {
    for (const [outlet, close] of this.outlets) {
      outlet.look();
      if (outlet.silent_looks <= FORGET_LOOKS) continue;
      this.outlets.delete(outlet);
      close();
    }
    this.look();
  }

  private here(): Outlet[] {
    return [...this.outlets.keys()].filter((outlet) => !isAway(outlet));
  }

  private rest(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private open(): void {
    if (this.lines.size > 0) return;
    for (const name of STREAMS) this.lines.set(name, { connection: this.connect(name), phase: { phase: "connecting" }, state: null });
    for (const { connection } of this.lines.values()) void connection.run();
  }

  private close(): void {
    for (const [stream, { connection }] of this.lines) {
      connection.stop();
      this.tellAll({ type: "phase", stream, phase: { phase: "connecting" } });
    }
    this.lines.clear();
  }

  private connect(stream: StreamName): Connection {
    return new Connection({
      ...this.options,
      url: `/api/audio/stream/${stream}`,
      onEvent: (event) => this.receive(stream, event),
      onProblem: (message) => this.tellAll({ type: "problem", message: `${stream}: ${message}` }),
      onPhase: (phase) => this.change(stream, phase),
      room: () => this.room(),
    });
  }

  private receive(stream: StreamName, event: EventSourceMessage): void {
    const line = this.lines.get(stream);
    if (line && event.event === "state") line.state = event;
    for (const outlet of this.outlets.keys()) outlet.event(stream, event);
  }

  private change(stream: StreamName, phase: Phase): void {
    const line = this.lines.get(stream);
    if (line) line.phase = phase;
    this.tellAll({ type: "phase", stream, phase });
  }

  private tellAll(message: ToTab): void {
    for (const outlet of this.outlets.keys()) outlet.tell(message);
  }

  private facts(): ToTab[] {
    return [...this.lines].flatMap(([stream, { phase, state }]): ToTab[] => {
      const told: ToTab = { type: "phase", stream, phase };
      return state ? [told, { type: "event", stream, event: state }] : [told];
    });
  }

  /**
   * Until a tab has room: the server is then as slow as the fastest tab wants it, which at pace `fast` loses nothing, and
   * no slow tab holds up another. Null when there is room.
   */
  private room(): Promise<void> | null {
    if (this.hasRoom()) return null;
    return new Promise((resolve) => this.waiting_for_room.add(resolve));
  }

  private hasRoom(): boolean {
    return this.lines.size === 0 || this.here().some(({ roomy }) => roomy);
  }

  private readOn(): void {
    if (this.hasRoom()) this.release();
  }

  private release(): void {
    for (const resolve of this.waiting_for_room) resolve();
    this.waiting_for_room.clear();
  }
}

const isResting = ({ phase: { phase } }: Line) => phase === "waiting" || phase === "denied";
const isAway = ({ silent_looks }: Outlet) => silent_looks > PRESENT_LOOKS;
