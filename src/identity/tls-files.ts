import { constants, createPrivateKey, X509Certificate } from "node:crypto";
import { type FSWatcher, watch } from "node:fs";
import type { Socket } from "node:net";
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from "node:tls";
import { type Holding, readHolding } from "./holder-folder.ts";
import { type SpiffeId, spiffeIdIn } from "./spiffe-id.ts";

/**
 * TLS of the control plane's ports: 1.3 only, a certificate of the mesh from everyone, and the folder of its own certificate
 * watched. A new one holds for new connections; those that are open stay as they are. A pair that cannot be used changes
 * nothing and is told. Sessions are not resumed: a resumed one would not look at the peer's certificate again.
 */
export interface TlsFilesOptions {
  readonly folder: string;
  /** A new certificate or bundle is in force, or one could not be used and why. */
  readonly onReload: (outcome: { readonly fault?: string }) => void;
  /** A connection ended before its peer had shown who it is. */
  readonly onRefused: (refusal: ConnectionRefusal) => void;
}

export interface ConnectionRefusal {
  readonly from: string;
  readonly reason: string;
}

/** Takes a connection as it was accepted. */
export type Gate = (connection: Socket) => void;

const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Files of one change come within it. */
const QUIET_MS = 100;

export class TlsFiles {
  #holding: Holding;
  readonly #servers = new Set<Server>();
  readonly #watcher: FSWatcher;
  #reload: NodeJS.Timeout | undefined;

  /** Throws an error with a sentence if the folder holds no usable certificate. */
  constructor(private readonly options: TlsFilesOptions) {
    this.#holding = readUsable(options.folder);
    this.#watcher = watch(options.folder, () => this.#later());
    this.#watcher.on("error", (error) => options.onReload({ fault: error.message }));
  }

  /** Whom the certificate in force is for. */
  get id(): SpiffeId {
    return idOf(this.#holding.certificate);
  }

  get notAfter(): Date {
    return new Date(new X509Certificate(this.#holding.certificate).validTo);
  }

  /** `take` gets the connections whose peer has shown a certificate of the mesh. */
  gate(take: (connection: TLSSocket) => void): Gate {
    return this.#open(take, { rejectUnauthorized: true, ALPNProtocols: ["h2"] });
  }

  /** HTTP for people and programs: `take` gets every connection, and asks itself what its peer has shown. */
  operatorGate(take: (connection: TLSSocket) => void): Gate {
    return this.#open(take, { rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] });
  }

  #open(
    take: (connection: TLSSocket) => void,
    manner: { readonly rejectUnauthorized: boolean; readonly ALPNProtocols: string[] },
  ): Gate {
    const { onRefused } = this.options;
    const server = createServer(
      {
        ...contextOf(this.#holding),
        ...manner,
        requestCert: true,
        handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      },
      take,
    );
    server.on("tlsClientError", (error, socket) => {
      onRefused({ from: socket.remoteAddress ?? "", reason: reasonOf(error, socket) });
      socket.destroy();
    });
    this.#servers.add(server);
    return (connection) => {
      const from = connection.remoteAddress;
      connection.on("error", () => connection.destroy());
      if (from !== undefined) server.emit("connection", connection);
    };
  }

  stop(): void {
    clearTimeout(this.#reload);
    this.#watcher.close();
  }

  #later(): void {
    clearTimeout(this.#reload);
    this.#reload = setTimeout(() => this.#take(), QUIET_MS);
  }

  #take(): void {
    const { folder, onReload } = this.options;
    try {
      const next = readUsable(folder);
      if (JSON.stringify(next) === JSON.stringify(this.#holding)) return;
      for (const server of this.#servers) server.setSecureContext(contextOf(next));
      this.#holding = next;
      onReload({});
    } catch (error) {
      onReload({ fault: error instanceof Error ? error.message : String(error) });
    }
  }
}

function contextOf({ authorities, certificate, privateKey }: Holding): SecureContextOptions {
  return {
    ca: authorities,
    cert: certificate,
    key: privateKey,
    minVersion: "TLSv1.3",
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

function readUsable(folder: string): Holding {
  const holding = read(folder);
  const certificate = new X509Certificate(holding.certificate);
  if (idOf(holding.certificate).holder.kind !== "control-plane")
    throw new Error(`${folder}: the certificate is not for a control plane`);
  if (!certificate.checkPrivateKey(createPrivateKey(holding.privateKey)))
    throw new Error(`${folder}: the key is not of this certificate`);
  if (new Date(certificate.validTo).getTime() < Date.now())
    throw new Error(`${folder}: the certificate ended on ${certificate.validTo}`);
  return holding;
}

function read(folder: string): Holding {
  try {
    return readHolding(folder);
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    throw new Error(`${path ?? folder}: cannot be read (${code})`);
  }
}

function idOf(certificate: string): SpiffeId {
  const id = spiffeIdIn(new X509Certificate(certificate).subjectAltName);
  if (id === undefined) throw new Error("the certificate has no SPIFFE id of a mesh");
  return id;
}

/** What was wrong with the certificate, else what ended the handshake. */
function reasonOf(error: NodeJS.ErrnoException, { authorizationError }: TLSSocket): string {
  // Typed as an error, and a code in truth.
  const code: unknown = authorizationError ?? error.code;
  if (typeof code !== "string") return error.message;
  return REASONS[code] ?? `${code}: ${error.message}`;
}

const PLAINTEXT = "it speaks plaintext, as a bootstrap made without --certs does";

/** By OpenSSL's codes. */
const REASONS: Readonly<Record<string, string>> = {
  ERR_SSL_WRONG_VERSION_NUMBER: PLAINTEXT,
  ERR_SSL_HTTP_REQUEST: PLAINTEXT,
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: "it showed no certificate",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is of another authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is of another authority",
  CERT_SIGNATURE_FAILURE: "its certificate is of another authority",
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
};
