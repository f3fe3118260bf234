import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

interface Seen {
  readonly id: string;
  /** Every value of every copy of the header. */
  readonly of: (header: string) => string[];
}

/** A server on loopback that keeps what reached it, and answers with its name. */
export class Recorder {
  readonly seen: Seen[] = [];
  readonly #server: Server;

  private constructor(name: string) {
    this.#server = createServer((incoming, response) => {
      this.seen.push(toSeen(incoming));
      response.end(name);
    });
  }

  static async start(name: string): Promise<Recorder> {
    const recorder = new Recorder(name);
    recorder.#server.listen(0, "127.0.0.1");
    await once(recorder.#server, "listening");
    return recorder;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function toSeen({ rawHeaders, headers }: IncomingMessage): Seen {
  const pairs = rawHeaders.flatMap((name, i) =>
    i % 2 === 0 ? [[name.toLowerCase(), rawHeaders[i + 1] ?? ""] as const] : [],
  );
  return {
    id: String(headers["x-request-id"]),
    of: (header) => pairs.filter(([name]) => name === header).map(([, value]) => value),
  };
}
