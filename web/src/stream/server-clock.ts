// How far this browser's clock and the server's are apart, by asking the server for its time: halfway between question and
// answer is the best guess of when it was read, wrong by half of what that took at most (RFC 5905, "clock offset").

export interface ClockOffset {
  /** The server's clock minus this one, in milliseconds. */
  offset_ms: number;
  /** Bound of what the offset may be wrong by, as long as neither clock is set. */
  error_ms: number;
}

/** Questions of which the quickest counts; older ones would keep what clocks were before they drifted or were set. */
const KEPT = 8;
/** Asked at once, one after the other, until one is quick: a page that loads answers its own events late. */
const TRIES = 5;
const QUICK_MS = 2;

export class ServerClock {
  private readonly offsets: ClockOffset[] = [];

  /** `utc_us` asks for the server's time, `now_ms` is this browser's, both since the Unix epoch. */
  constructor(
    private readonly utc_us: (signal: AbortSignal) => Promise<number>,
    private readonly now_ms: () => number,
  ) {}

  /** Asks anew; the best answer of the last few. */
  ask = async (signal: AbortSignal): Promise<ClockOffset> => {
    for (let n = 0; n < TRIES; n++) if ((await this.askOnce(signal)) <= QUICK_MS) break;
    return this.offsets.reduce((best, next) => (next.error_ms < best.error_ms ? next : best));
  };

  /** What the answer may be wrong by. */
  private async askOnce(signal: AbortSignal): Promise<number> {
    const asked_ms = this.now_ms();
    const server_ms = (await this.utc_us(signal)) / 1000;
    const error_ms = (this.now_ms() - asked_ms) / 2;
    this.offsets.push({ offset_ms: server_ms - asked_ms - error_ms, error_ms });
    if (this.offsets.length > KEPT) this.offsets.shift();
    return error_ms;
  }
}
