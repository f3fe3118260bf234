import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An endpoint that can die, and hold requests back. */
export class Endpoint {
  isAlive = true;
  isHolding = false;
  readonly held: ServerResponse[] = [];
  readonly #server: Server;

  private constructor(readonly name: string) {
    this.#server = createServer((incoming, response) => {
      if (!this.isAlive) incoming.socket.destroy();
      else if (this.isHolding && incoming.url === "/hold") this.held.push(response);
      else response.end(this.name);
    });
  }

  static async start(name: string): Promise<Endpoint> {
    const endpoint = new Endpoint(name);
    endpoint.#server.listen(0, "127.0.0.1");
    await once(endpoint.#server, "listening");
    return endpoint;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
