import { createServer, type Socket, type Server as SocketServer } from "node:net";
import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers";
import type { Server, ServerCredentials } from "@grpc/grpc-js";
import { FanOut } from "./fan-out.ts";

/**
 * Accepts connections for a gRPC server. gRPC would listen by itself, but with Node's queue of 511 connections: when a
 * fleet comes back at once the kernel drops what does not fit, and each of those clients waits a second or more.
 *
 * An accepted connection is not read until its turn comes in the bulk lane. Taking it off the kernel's queue costs a
 * tenth of what a session and a first request of 61 KB do, so the queue does not fill up, those who are served already
 * are not kept waiting, and only a few first requests are in memory at a time.
 */
const BACKLOG = 4096;

export interface Listener {
  readonly port: number;
  /** Takes no more connections; those there are stay. */
  close(): void;
  /** Cuts every connection and takes no more. */
  stop(): void;
}

/** Who stands between the accepted connection and gRPC: gets what it shall hand connections on to. */
export type Doorkeeper = (take: (connection: Socket) => void) => (connection: Socket) => void;

/** `host:port`, an IPv6 host in brackets. Rejects if the address is malformed or cannot be taken. */
export function listen(
  server: Server,
  address: string,
  credentials: ServerCredentials,
  doorkeeper: Doorkeeper = (take) => take,
): Promise<Listener> {
  const [, host, port] = /^\[?([^\]]*?)\]?:(\d+)$/.exec(address) ?? [];
  if (host === undefined || Number(port) > 65_535) {
    return Promise.reject(new Error(`cannot listen on ${address}: it is not host:port`));
  }
  const injector = server.createConnectionInjector(credentials);
  const admit = doorkeeper((connection) => injector.injectConnection(connection));
  const arrivals = new FanOut({ nowMs: () => performance.now(), defer: setImmediate });
  const open = new Set<Socket>();
  const sockets = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
    const enter = () => {
      if (!sockets.listening) {
        socket.destroy();
        return;
      }
      socket.resume();
      admit(socket);
    };
    open.add(socket);
    socket.once("close", () => {
      open.delete(socket);
      arrivals.drop(enter);
    });
    arrivals.add([enter], "bulk");
  });
  const close = () => {
    sockets.close();
  };
  const stop = () => {
    close();
    for (const socket of open) socket.destroy();
  };
  return new Promise((resolve, reject) => {
    sockets.once("error", (cause) => reject(new Error(`cannot listen on ${address}`, { cause })));
    sockets.listen({ host, port: Number(port), backlog: BACKLOG }, () =>
      resolve({ port: portOf(sockets), close, stop }),
    );
  });
}

function portOf(sockets: SocketServer): number {
  const address = sockets.address();
  if (address === null || typeof address === "string") throw new Error("invariant: no TCP port");
  return address.port;
}
