import { type IncomingMessage, request as plain } from "node:http";
import { request as secure } from "node:https";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { spiffeIdIn } from "../identity/spiffe-id.ts";

/**
 * One request of HTTP or HTTPS and its whole answer. Not `fetch`: that takes no certificate without a package of its own.
 * Rejects with what the socket said, or with the reason of the signal.
 */
export interface ClientTls {
  /** PEM: the authorities that are believed. */
  readonly authorities: string;
  readonly certificate: string;
  readonly privateKey: string;
}

export interface Exchange {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  readonly tls?: ClientTls;
}

export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

export function exchange(url: URL, { method, headers, body, signal, tls }: Exchange) {
  return new Promise<Reply>((resolve, reject) => {
    const options = {
      ...{ method: method ?? "GET", headers: { ...headers }, signal },
      ...(tls !== undefined && secureOptions(tls)),
    };
    const take = (response: IncomingMessage) => void read(response).then(resolve, reject);
    const sent = url.protocol === "https:" ? secure(url, options, take) : plain(url, options, take);
    sent.on("error", (error) => reject(signal.aborted ? signal.reason : error));
    sent.end(body);
  });
}

async function read(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode ?? 0,
    contentType: response.headers["content-type"] ?? "",
    text: Buffer.concat(chunks).toString(),
  };
}

function secureOptions({ authorities, certificate, privateKey }: ClientTls) {
  return {
    ...{ ca: authorities, cert: certificate, key: privateKey },
    checkServerIdentity: isControlPlane,
  };
}

/** Its certificate names what it is, not where; one of a company's own authority may name the host instead. */
function isControlPlane(host: string, shown: PeerCertificate): Error | undefined {
  const id = spiffeIdIn(shown.subjectaltname);
  return id?.holder.kind === "control-plane" ? undefined : checkServerIdentity(host, shown);
}
