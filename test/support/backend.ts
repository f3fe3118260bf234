import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A small HTTP service on loopback that answers with its name. It fails a share of its requests, evenly spread, and can be told another. */
export class Backend {
  readonly #server: Server;
  #due = 0;
  requests = 0;
  /** In [0,1]. */
  failing: number;

  private constructor(name: string, { delayMs = 0, failing = 0 }) {
    this.failing = failing;
    this.#server = createServer({ keepAlive: true }, (_request, response) => {
      this.requests += 1;
      this.#due += this.failing;
      const isBad = this.#due >= 1;
      if (isBad) this.#due -= 1;
      response.statusCode = isBad ? 500 : 200;
      if (delayMs === 0) response.end(name);
      else setTimeout(() => response.end(name), delayMs);
    });
    this.#server.keepAliveTimeout = 60_000;
  }

  static async start(
    name: string,
    how: { readonly delayMs?: number; readonly failing?: number } = {},
  ): Promise<Backend> {
    const backend = new Backend(name, how);
    backend.#server.listen(0, "127.0.0.1");
    await once(backend.#server, "listening");
    return backend;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
