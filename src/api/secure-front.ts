import type { Server as HttpServer } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { ShownCertificate } from "./auth/authenticate.ts";
import { isLoopback } from "./guard.ts";

/**
 * One port for HTTP with and without TLS: a TLS handshake begins with the byte 22, which no HTTP request does. Plaintext is for this
 * machine only, where its tools ask; from anywhere else it is answered with where TLS is.
 */
export type OperatorGate = (take: (connection: TLSSocket) => void) => (connection: Socket) => void;

const HANDSHAKE = 22;
/** Nobody holds a connection open without a word. */
const SILENCE_MS = 10_000;

export function frontOf(server: HttpServer, gate: OperatorGate): Server {
  const secure = gate((connection) => server.emit("connection", connection));
  const open = new Set<Socket>();
  const front = createServer({ noDelay: true }, (connection) => {
    open.add(connection);
    connection.once("close", () => open.delete(connection));
    connection.on("error", () => connection.destroy());
    connection.setTimeout(SILENCE_MS, () => connection.destroy());
    connection.once("readable", () => {
      const first = connection.read(1) as Buffer | null;
      if (first === null) return void connection.destroy();
      connection.setTimeout(0);
      connection.removeAllListeners("timeout");
      connection.unshift(first);
      if (first[0] === HANDSHAKE) secure(connection);
      else if (isLoopback(connection.remoteAddress ?? "")) server.emit("connection", connection);
      else connection.end(NO_PLAINTEXT);
    });
  });
  const close = front.close.bind(front);
  front.close = (done) => {
    close(done);
    for (const connection of open) connection.destroy();
    return front;
  };
  return front;
}

const DOCUMENT = JSON.stringify({
  type: "about:blank",
  status: 400,
  title: "this port speaks TLS",
  detail: "Ask by https://; plaintext is for this machine only.",
});
const NO_PLAINTEXT = [
  "HTTP/1.1 400 Bad Request",
  "content-type: application/problem+json",
  `content-length: ${Buffer.byteLength(DOCUMENT)}`,
  "connection: close",
  "",
  DOCUMENT,
].join("\r\n");

/** What the peer of a connection showed; undefined: nothing. */
export function certificateOf(socket: Socket | undefined): ShownCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const certificate = socket.getPeerCertificate();
  if (Object.keys(certificate).length === 0) return undefined;
  return { isVerified: socket.authorized, subjectAltName: certificate.subjectaltname };
}
