import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A service on loopback that fails a share of its requests, evenly spread, and can be told another share. */
export class FailingBackend {
  readonly #server: Server;
  #due = 0;
  requests = 0;
  /** In [0,1]. */
  failing: number;

  private constructor(name: string, failing: number) {
    this.failing = failing;
    this.#server = createServer({ keepAlive: true }, (_request, response) => {
      this.requests += 1;
      this.#due += this.failing;
      const isBad = this.#due >= 1;
      if (isBad) this.#due -= 1;
      response.statusCode = isBad ? 500 : 200;
      response.end(name);
    });
    this.#server.keepAliveTimeout = 60_000;
  }

  static async start(name: string, failing = 0): Promise<FailingBackend> {
    const backend = new FailingBackend(name, failing);
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
