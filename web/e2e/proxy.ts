// A proxy in front of the server that hands streams on byte by byte, as the worst of networks may.

import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export class SplittingProxy {
  private constructor(
    private readonly server: Server,
    /** The encoding of each stream that was split. */
    readonly split: string[],
  ) {}

  /** In front of the server at `port`. */
  static async start(port: number): Promise<SplittingProxy> {
    const split: string[] = [];
    const server = createServer((asked, answer) => {
      const { method, url, headers } = asked;
      const onward = request({ host: "127.0.0.1", port, method, path: url, headers }, (answered) => void pass(answered, answer, split));
      onward.on("error", () => answer.destroy());
      answer.on("close", () => onward.destroy());
      asked.pipe(onward);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new SplittingProxy(server, split);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  dispose(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

async function pass(answered: IncomingMessage, answer: ServerResponse, split: string[]): Promise<void> {
  answer.writeHead(answered.statusCode ?? 502, answered.headers);
  answer.flushHeaders();
  answered.on("error", () => answer.destroy());
  if (!answered.headers["content-type"]?.startsWith("text/event-stream")) return void answered.pipe(answer);
  split.push(answered.headers["content-encoding"] ?? "none");
  try {
    for await (const piece of answered) {
      for (const byte of piece as Buffer) if (!answer.write(Buffer.of(byte))) await once(answer, "drain");
    }
    answer.end();
  } catch {
    // Either end is gone, and so is the other.
    answer.destroy();
  }
}
