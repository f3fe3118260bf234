import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A small HTTP service on loopback; answers 200 with its name after `delayMs`. */
export class Backend {
  readonly #server: Server;
  requests = 0;

  private constructor(handler: (request: IncomingMessage, response: ServerResponse) => void) {
    this.#server = createServer({ keepAlive: true }, (request, response) => {
      this.requests += 1;
      handler(request, response);
    });
    this.#server.keepAliveTimeout = 60_000;
  }

  static async start(name: string, delayMs = 0): Promise<Backend> {
    const backend = new Backend((_request, response) => {
      const answer = () => response.end(name);
      if (delayMs === 0) answer();
      else setTimeout(answer, delayMs);
    });
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
