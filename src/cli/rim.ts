import { join } from "node:path";
import type { PeerCertificate } from "node:tls";
import type { Logger } from "pino";
import { type Answer, refuseAll } from "../adapters/unary-connection.ts";
import type { AnswerTo } from "../adapters/unary-server.ts";
import { Entitlement } from "../identity/entitlement.ts";
import { TlsFiles } from "../identity/tls-files.ts";
import type { AuthorizeReporter } from "../telemetry/node-stream.ts";
import type { Doorkeeper } from "../xds/listener.ts";
import type { XdsNode } from "../xds/node.ts";
import type { Address } from "./address.ts";
import { Failure } from "./exit-code.ts";
import { keyOf } from "./status-source.ts";

/**
 * Who may come in at the ports for Envoys. With a folder of certificates: nobody without one of this mesh, and each as what its
 * certificate says. Without: plaintext, on loopback only, unless the operator insists.
 */
export interface Rim {
  /** Undefined: plaintext. */
  readonly doorkeeper: Doorkeeper | undefined;
  /** HTTP with TLS, and the mesh its operators are of; undefined: there is none. */
  readonly operators:
    | { readonly gate: TlsFiles["operatorGate"]; readonly trustDomain: string }
    | undefined;
  /** Undefined: plaintext, over which no key is handed out. */
  readonly trustDomain: string | undefined;
  readonly authorizeNode: (
    node: XdsNode,
    certificate: PeerCertificate | undefined,
  ) => string | undefined;
  readonly authorizeReporter: AuthorizeReporter;
  /** For the client status, which shows what all nodes have. */
  readonly authorizeOperator: (certificate: PeerCertificate | undefined) => string | undefined;
  readonly answerTo: (method: Answer) => AnswerTo;
  readonly stop: () => void;
}

export interface RimOptions {
  /** Folder that `qmesh certs` keeps. */
  readonly certs?: string;
  readonly insecurePlaintext?: boolean;
  readonly addresses: readonly { readonly flag: string; readonly address: Address }[];
  readonly log: Logger;
  /** A connection or call that was refused for what its certificate says. */
  readonly countRefused: () => void;
}

/** Throws a Failure if it would not be safe, or the certificate cannot be used. */
export function openRim(options: RimOptions): Rim {
  const { certs, insecurePlaintext = false } = options;
  if (certs === undefined) return openToAll(options, insecurePlaintext);
  if (insecurePlaintext)
    throw new Failure("--certs and --insecure-plaintext are both there: keep one.");
  const files = openFiles(join(certs, "control-plane"), options);
  const { trustDomain } = files.id;
  warnOfEnd(files.notAfter, options.log);
  return {
    ...guarded(new Entitlement(trustDomain), options),
    ...{ trustDomain, doorkeeper: (take) => files.gate(take), stop: () => files.stop() },
    operators: { gate: (take) => files.operatorGate(take), trustDomain },
  };
}

function guarded(
  entitlement: Entitlement,
  { log, countRefused }: RimOptions,
): Omit<Rim, "doorkeeper" | "operators" | "stop" | "trustDomain"> {
  const counted = (reason: string | undefined): string | undefined => {
    if (reason !== undefined) countRefused();
    return reason;
  };
  // What follows is not logged by who asks.
  const logged = (service: string, reason: string | undefined): string | undefined => {
    if (reason !== undefined) log.warn({ service, reason }, "call refused");
    return counted(reason);
  };
  return {
    authorizeNode: (node, certificate) =>
      counted(entitlement.refuseNode(certificate, { nodeId: node.id, role: keyOf(node) ?? "" })),
    authorizeReporter: (nodeId, certificate) =>
      counted(entitlement.refuseNode(certificate, { nodeId })),
    authorizeOperator: (certificate) =>
      logged("client status", entitlement.refuseOperator(certificate)),
    answerTo: (method) => (certificate) => {
      const reason = logged("rate limits", entitlement.refuseAsker(certificate));
      return reason === undefined ? method : refuseAll(reason);
    },
  };
}

function openToAll({ addresses, log }: RimOptions, isInsisting: boolean): Rim {
  const open = addresses.filter(({ address }) => !isLoopback(address.host));
  const [first] = open;
  if (first !== undefined && !isInsisting) {
    const { flag, address } = first;
    throw new Failure(
      `${flag} ${address.host}:${address.port} is not loopback, and without certificates anybody there could pass for an Envoy: make some by qmesh certs init and give them by --certs DIR, or insist by --insecure-plaintext.`,
    );
  }
  for (const { flag, address } of open) {
    log.warn(
      { flag, ...address },
      "plaintext beyond loopback: anybody there may pass for an Envoy",
    );
  }
  return {
    doorkeeper: undefined,
    operators: undefined,
    trustDomain: undefined,
    authorizeNode: () => undefined,
    authorizeReporter: () => undefined,
    authorizeOperator: () => undefined,
    answerTo: (method) => () => method,
    stop: () => undefined,
  };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

function openFiles(folder: string, { log, countRefused }: RimOptions): TlsFiles {
  try {
    return new TlsFiles({
      folder,
      onReload: ({ fault }) => {
        if (fault === undefined) log.info({ folder }, "certificate replaced");
        else log.error({ folder, fault }, "certificate not replaced: the one before stays");
      },
      onRefused: (refusal) => {
        countRefused();
        log.warn({ ...refusal }, "connection refused");
      },
    });
  } catch (error) {
    const { message } = error as Error;
    throw new Failure(
      `${message}: make certificates by qmesh certs init, or renew them by qmesh certs rotate.`,
    );
  }
}

/** A week is time to act in. */
const WARNING_MS = 7 * 86_400_000;

function warnOfEnd(notAfter: Date, log: Logger): void {
  if (notAfter.getTime() - Date.now() < WARNING_MS)
    log.warn({ notAfter }, "the control plane's certificate ends soon: qmesh certs rotate");
}
