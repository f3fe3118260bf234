import { z } from "zod";
import { type ClientTls, exchange, type Reply } from "./exchange.ts";
import { problemDocument } from "./problem.ts";
import {
  type ProxiesDocument,
  proxiesSchema,
  type StatusDocument,
  statusSchema,
} from "./status-document.ts";

import { type AppliedView, appliedView } from "./view/applied.ts";

/**
 * Asks a control plane, and believes only answers of the agreed shape. Everything that goes wrong is one sentence that
 * names the server, for the person at the prompt.
 */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string; readonly isTimeout: boolean };

export interface ServerAddress {
  readonly server: Server;
  readonly timeoutMs?: number;
  /** Goes before the token of the server. */
  readonly token?: string;
}

/** `http://127.0.0.1:8080`; a bare `host:port` is http. Or that with what lets one in. */
export type Server = string | SecuredServer;

export interface SecuredServer {
  /** A bare `host:port` is https where there is `tls`. */
  readonly url: string;
  readonly tls?: ClientTls;
  /** Reading needs none where the control plane listens on loopback. */
  readonly token?: string;
  /** Told that an answer is waited for; what it returns is called when there is one. */
  readonly onWait?: (host: string) => () => void;
}

/** A control plane on the same machine answers in milliseconds; more is a hang. */
const TIMEOUT_MS = 5000;

export function fetchStatus(address: ServerAddress): Promise<Answer<StatusDocument>> {
  return fetchAnswer(address, "/status", statusSchema);
}

export function fetchProxies(address: ServerAddress): Promise<Answer<ProxiesDocument>> {
  return fetchAnswer(address, "/proxies", proxiesSchema);
}

/** Any address of the API, by the schema of its answer. */
export function fetchAnswer<T>(
  address: ServerAddress,
  path: string,
  schema: z.ZodType<T>,
): Promise<Answer<T>> {
  return ask(address, { path, schema, init: {} });
}

const orderAnswer = z.object({ record: z.string().exactOptional() });

/** Sends intent; `since` is the digest it was made for. */
export function postIntent(
  address: ServerAddress,
  body: Readonly<Record<string, unknown>>,
  since: string | undefined,
): Promise<Answer<AppliedView>> {
  const ifMatch = since === undefined ? {} : { "if-match": `"${since}"` };
  const headers = { "content-type": "application/json", ...ifMatch };
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  return ask(address, { path: "/v1/intent", schema: appliedView, init });
}

/** Gives an order; the value is the id of what the audit log says of it, if that is known. */
export function postOrder(
  address: ServerAddress,
  path: string,
  body: Readonly<Record<string, unknown>>,
): Promise<Answer<z.infer<typeof orderAnswer>>> {
  const headers = { "content-type": "application/json" };
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  return ask(address, { path, schema: orderAnswer, init });
}

interface Question<T> {
  readonly path: string;
  readonly schema: z.ZodType<T>;
  readonly init: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };
}

async function ask<T>(
  { server, timeoutMs = TIMEOUT_MS, token }: ServerAddress,
  { path, schema, init }: Question<T>,
): Promise<Answer<T>> {
  const secured: SecuredServer = typeof server === "string" ? { url: server } : server;
  const { tls, onWait } = secured;
  const url = toUrl(secured, path);
  if (url === undefined)
    return failed(`${secured.url} is not a server address such as 127.0.0.1:8080`);
  if (tls !== undefined && url.protocol === "http:")
    return failed(`${url.host} is named by http://, and a certificate is for https://`);
  const shown = token ?? secured.token;
  const headers = { ...init.headers, ...(shown && { authorization: `Bearer ${shown}` }) };
  const answered = onWait?.(url.host);
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const reply = await exchange(url, { ...init, headers, signal, ...(tls && { tls }) });
    if (reply.status >= 300) return failed(refusal(reply, url.host, path));
    return check(JSON.parse(reply.text), schema, `${url.host} answered ${path}`);
  } catch (error) {
    return explainFailure(error, url.host, timeoutMs);
  } finally {
    answered?.();
  }
}

/** The control plane's own sentence, if it wrote one. */
function refusal({ status, contentType, text }: Reply, host: string, path: string): string {
  const bare = `${host} answered ${status} to ${path}`;
  if (contentType !== "application/problem+json") return bare;
  const problem = problemDocument.safeParse(JSON.parse(text));
  return problem.success ? `${problem.data.title}: ${problem.data.detail}` : bare;
}

function toUrl({ url, tls }: SecuredServer, path: string): URL | undefined {
  const scheme = tls === undefined ? "http" : "https";
  const text = /^[a-z]+:\/\//i.test(url) ? url : `${scheme}://${url}`;
  if (!URL.canParse(path, text)) return undefined;
  const whole = new URL(path, text);
  return /^https?:$/.test(whole.protocol) ? whole : undefined;
}

function check<T>(body: unknown, schema: z.ZodType<T>, what: string): Answer<T> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") || "the document";
  return failed(`${what} in a form this qmesh does not know: ${where}: ${issue?.message}`);
}

function explainFailure(error: unknown, host: string, timeoutMs: number): Answer<never> {
  if (!(error instanceof Error)) throw error;
  if (error.name === "TimeoutError")
    return failed(`${host} did not answer within ${timeoutMs / 1000} s`, true);
  if (error instanceof SyntaxError)
    return failed(`${host} answered with something that is no JSON`);
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ECONNREFUSED")
    return failed(`nothing listens on ${host}: start qmesh serve, or name it with --server`);
  if (code !== undefined && code in TLS_FAULTS) return failed(`${host} ${TLS_FAULTS[code]}`);
  return failed(`${host} cannot be reached: ${code ?? error.message}`);
}

/** By OpenSSL's and Node's codes. */
const TLS_FAULTS: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: "shows a certificate of another authority than --certs has",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "shows a certificate of another authority than --certs has",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "shows a certificate of another authority than --certs has",
  CERT_SIGNATURE_FAILURE: "shows a certificate of another authority than --certs has",
  CERT_HAS_EXPIRED: "shows a certificate that has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "shows a certificate that is not a control plane's",
  EPROTO: "does not speak TLS, or refuses the certificate that was shown",
};

function failed(reason: string, isTimeout = false): Answer<never> {
  return { ok: false, reason, isTimeout };
}
