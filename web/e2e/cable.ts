// The way to a server, which the test cuts: whoever came by it is gone at once, and may come again.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export class Cable {
  private readonly ends = new Set<Socket>();

  private constructor(private readonly server: Server, upstream: number) {
    server.on("connection", (near) => {
      const far = connect(upstream, "127.0.0.1");
      for (const [end, other] of [[near, far], [far, near]] as const) {
        this.ends.add(end);
        end.on("error", () => other.destroy());
        end.on("close", () => {
          this.ends.delete(end);
          other.destroy();
        });
      }
      near.pipe(far);
      far.pipe(near);
    });
  }

  /** To the server at `port`. */
  static async lay(port: number): Promise<Cable> {
    const server = createServer();
    const cable = new Cable(server, port);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return cable;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  cut(): void {
    for (const end of this.ends) end.destroy();
  }

  dispose(): void {
    this.server.close();
    this.cut();
  }
}
