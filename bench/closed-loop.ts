import { connect, type Socket } from "node:net";

/** A child process: each message asks for so many GET requests over `connections` keep-alive connections, one outstanding each. */
export interface ClosedLoopOrder {
  readonly port: number;
  readonly requests: number;
  readonly connections: number;
}

const REQUEST = Buffer.from("GET / HTTP/1.1\r\nhost: bench\r\nx-criticality: critical\r\n\r\n");
const pools = new Map<number, Socket[]>();

function pool(port: number, size: number): Socket[] {
  const sockets =
    pools.get(port) ??
    Array.from({ length: size }, () => connect({ host: "127.0.0.1", port, noDelay: true }));
  pools.set(port, sockets);
  return sockets;
}

process.on("message", ({ port, requests, connections }: ClosedLoopOrder) => {
  let left = requests;
  let pending = requests;
  let failed = 0;
  for (const socket of pool(port, connections)) {
    socket.removeAllListeners("data");
    const next = () => {
      if (left > 0) {
        left -= 1;
        socket.write(REQUEST);
      }
    };
    // Every answer here is one small packet.
    socket.on("data", (chunk) => {
      if (chunk.toString("latin1", 9, 12) !== "200") failed += 1;
      pending -= 1;
      if (pending === 0) process.send?.({ failed });
      else next();
    });
    next();
  }
});
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => undefined);
