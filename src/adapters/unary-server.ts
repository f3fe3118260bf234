import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type PeerCertificate, TLSSocket } from "node:tls";
import { type Answer, UnaryConnection } from "./unary-connection.ts";

/**
 * One unary gRPC method on a port of its own. For a method that is asked for every request of the mesh the libraries are
 * too dear: a call through grpc-js costs 235 us of CPU, one through `node:http2` 40 to 80, and the pauses of the garbage
 * both leave are in the 99th percentile of every request.
 */
export interface UnaryServer {
  readonly port: number;
  stop(): void;
}

/** A peer that vanished without a word is noticed by the system. */
const KEEP_ALIVE_MS = 30_000;

/** A peer that asks and does not read is dropped. */
const MAX_UNSENT_BYTES = 1024 * 1024;

export interface UnaryServerOptions {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Stands between the accepted connection and the method; absent: plaintext. */
  readonly doorkeeper?: (take: (connection: Socket) => void) => (connection: Socket) => void;
}

/** Asked once a connection; the certificate is that of a peer the doorkeeper let pass. */
export type AnswerTo = (certificate: PeerCertificate | undefined) => Answer;

/** Rejects if the port cannot be had. */
export async function startUnaryServer(
  answerTo: AnswerTo,
  { host, port, doorkeeper = (take) => take }: UnaryServerOptions,
): Promise<UnaryServer> {
  const sockets = new Set<Socket>();
  const server = createServer({
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
  });
  const admit = doorkeeper((connection) => {
    const certificate =
      connection instanceof TLSSocket ? connection.getPeerCertificate() : undefined;
    serve(connection, new UnaryConnection(answerTo(certificate)));
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    admit(socket);
  });
  server.listen(port, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function serve(socket: Socket, connection: UnaryConnection): void {
  // A caller that goes away is no fault of ours.
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    if (socket.writableEnded) return;
    const { out, isOver } = connection.take(chunk);
    if (out.length > 0) socket.write(out);
    if (isOver) socket.destroySoon();
    if (socket.writableLength > MAX_UNSENT_BYTES) socket.destroy();
  });
}
