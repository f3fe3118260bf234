import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A service on loopback that answers at once, and from `hold` to `release` not at all. */
export class HeldService {
  readonly #held: ServerResponse[] = [];
  #isOpen = true;
  readonly #server: Server = createServer((_request, response) => {
    if (this.#isOpen) response.end();
    else this.#held.push(response);
  });

  /** Resolves to its port. */
  async start(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  /** Requests that wait for `release`. */
  get held(): number {
    return this.#held.length;
  }

  hold(): void {
    this.#isOpen = false;
  }

  release(): void {
    this.#isOpen = true;
    for (const response of this.#held.splice(0)) response.end();
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
