// A proxy in front of the server that hands a WebSocket on byte by byte, as the worst of networks may, or not at all.

import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import type { Duplex } from "node:stream";

/** So much of a connection is handed on byte by byte: several frames, and no more than a busy machine writes in time. */
const SPLIT_BYTES = 150_000;

/** What becomes of a WebSocket. */
export type Mood = "splits" | "swallows the upgrade";

export class SplittingProxy {
  /** WebSockets that it handed on. */
  sockets = 0;
  mood: Mood = "splits";
  private readonly open = new Set<Duplex>();

  private constructor(
    private readonly server: Server,
    private readonly upstream: number,
  ) {
    server.on("upgrade", (asked: IncomingMessage, client: Duplex) => this.upgrade(asked, client));
  }

  /** In front of the server at `port`. */
  static async start(port: number): Promise<SplittingProxy> {
    const server = createServer((asked, answer) => {
      const { method, url, headers } = asked;
      const onward = request({ host: "127.0.0.1", port, method, path: url, headers }, (answered) => {
        answer.writeHead(answered.statusCode ?? 502, answered.headers);
        answered.pipe(answer);
      });
      onward.on("error", () => answer.destroy());
      answer.on("close", () => onward.destroy());
      asked.pipe(onward);
    });
    const proxy = new SplittingProxy(server, port);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  dispose(): void {
    this.server.close();
    this.server.closeAllConnections();
    for (const end of this.open) end.destroy();
  }

  private upgrade(asked: IncomingMessage, client: Duplex): void {
    // As one that asks its upstream without the headers that it does not know.
    if (this.mood === "swallows the upgrade") return void client.end("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n");
    this.sockets++;
    const onward = connect(this.upstream, "127.0.0.1");
    for (const [end, other] of [[client, onward], [onward, client]] as const) {
      this.open.add(end);
      end.on("error", () => other.destroy());
      end.on("close", () => other.destroy());
    }
    onward.write(headOf(asked));
    client.pipe(onward);
    void split(onward, client);
  }
}

function headOf({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let n = 0; n < rawHeaders.length; n += 2) lines.push(`${rawHeaders[n]}: ${rawHeaders[n + 1]}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}

async function split(from: Socket, to: Duplex): Promise<void> {
  try {
    let left = SPLIT_BYTES;
    for await (const piece of from) {
      const singly = (piece as Buffer).subarray(0, left);
      left -= singly.length;
      for (const byte of singly) if (!to.write(Buffer.of(byte))) await once(to, "drain");
      if (singly.length < piece.length && !to.write(piece.subarray(singly.length))) await once(to, "drain");
    }
    to.end();
  } catch {
    // Either end is gone, and so is the other.
    to.destroy();
  }
}
