import { z } from "zod";
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
  /** `http://127.0.0.1:8080`; a bare `host:port` is http. */
  readonly server: string;
  readonly timeoutMs?: number;
  /** Reading needs none where the control plane listens on loopback. */
  readonly token?: string;
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
  readonly init: { readonly headers?: Record<string, string>; readonly [other: string]: unknown };
}

async function ask<T>(
  { server, timeoutMs = TIMEOUT_MS, token }: ServerAddress,
  { path, schema, init }: Question<T>,
): Promise<Answer<T>> {
  const url = toUrl(server, path);
  if (url === undefined) return failed(`${server} is not a server address such as 127.0.0.1:8080`);
  const shown = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const headers = { ...init.headers, ...shown };
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { ...init, headers, signal });
    if (!response.ok) return failed(await refusal(response, url.host, path));
    return check(await response.json(), schema, `${url.host} answered ${path}`);
  } catch (error) {
    return explainFailure(error, url.host, timeoutMs);
  }
}

/** The control plane's own sentence, if it wrote one. */
async function refusal(response: Response, host: string, path: string): Promise<string> {
  const bare = `${host} answered ${response.status} to ${path}`;
  if (response.headers.get("content-type") !== "application/problem+json") return bare;
  const text = problemDocument.safeParse(await response.json());
  return text.success ? `${text.data.title}: ${text.data.detail}` : bare;
}

function toUrl(server: string, path: string): URL | undefined {
  const text = /^[a-z]+:\/\//i.test(server) ? server : `http://${server}`;
  if (!URL.canParse(path, text)) return undefined;
  const url = new URL(path, text);
  return /^https?:$/.test(url.protocol) ? url : undefined;
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
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
  if (code === "ECONNREFUSED")
    return failed(`nothing listens on ${host}: start qmesh serve, or name it with --server`);
  return failed(`${host} cannot be reached: ${code ?? error.message}`);
}

function failed(reason: string, isTimeout = false): Answer<never> {
  return { ok: false, reason, isTimeout };
}
