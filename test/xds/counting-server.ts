import { EventEmitter, once } from "node:events";
import { Server, type ServiceDefinition, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { SERVER_OPTIONS } from "../../src/xds/server.ts";
import type { RawCall } from "../../src/xds/stream.ts";

type Handler = (call: RawCall) => void;

/**
 * A gRPC server that counts the messages of its streams, so that a test knows when the server has read all that a client
 * sent and the client all that the server wrote: silence can be asserted without waiting.
 */
export class CountingServer extends Server {
  private read = 0;
  private written = 0;
  private readonly moves = new EventEmitter();

  constructor() {
    super(SERVER_OPTIONS);
  }

  override addService(service: ServiceDefinition, handlers: UntypedServiceImplementation): void {
    const counted = Object.entries(handlers).map(([name, handler]) => [
      name,
      this.counting(handler as Handler),
    ]);
    super.addService(service, Object.fromEntries(counted) as UntypedServiceImplementation);
  }

  private counting(handler: Handler): Handler {
    return (call) => {
      const write = call.write.bind(call) as (bytes: Buffer, left: () => void) => boolean;
      call.write = (bytes: Buffer, left: unknown) => {
        this.written += 1;
        return write(bytes, left as () => void);
      };
      handler(call);
      // After the server's own listener: what is counted has been answered.
      call.on("data", () => this.count());
    };
  }

  private count(): void {
    this.read += 1;
    this.moved();
  }

  /** A client got something. */
  moved(): void {
    this.moves.emit("moved");
  }

  /** Resolves once `sent` messages are read here and all that was written here is received there. */
  async quiet(sent: number, received: () => number): Promise<void> {
    while (this.read < sent || received() < this.written) await once(this.moves, "moved");
  }
}
