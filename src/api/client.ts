import type { z } from "zod";
import {
  type ProxiesDocument,
  proxiesSchema,
  type StatusDocument,
  statusSchema,
} from "./status-document.ts";

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
}

/** A control plane on the same machine answers in milliseconds; more is a hang. */
const TIMEOUT_MS = 5000;

/** An order waits for the engine's next second, and for the disk. */
const ORDER_TIMEOUT_MS = 10_000;

export function fetchStatus(address: ServerAddress): Promise<Answer<StatusDocument>> {
  return ask(address, "/status", statusSchema);
}

export function fetchProxies(address: ServerAddress): Promise<Answer<ProxiesDocument>> {
  return ask(address, "/proxies", proxiesSchema);
}

/** A document of the API, of `path` below the server. */
export function fetchDocument<T>(
  address: ServerAddress,
  path: string,
  schema: z.ZodType<T>,
): Promise<Answer<T>> {
  return ask(address, path, schema);
}

/** Tells the engine something; resolves to the id of what the log says of it, empty if that is not known yet. */
export async function giveOrder(
  { server, token, timeoutMs = ORDER_TIMEOUT_MS }: ServerAddress & { readonly token: string },
  path: string,
  body: Readonly<Record<string, unknown>>,
): Promise<Answer<string>> {
  const url = toUrl(server, path);
  if (url === undefined) return failed(`${server} is not a server address such as 127.0.0.1:8080`);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const answer = (await response.json()) as { record?: string; detail?: string; title?: string };
    if (response.ok) return { ok: true, value: answer.record ?? "" };
    return failed(`${url.host}: ${answer.title ?? response.status}. ${answer.detail ?? ""}`.trim());
  } catch (error) {
    return explainFailure(error, url.host, timeoutMs);
  }
}

async function ask<T>(
  { server, timeoutMs = TIMEOUT_MS }: ServerAddress,
  path: string,
  schema: z.ZodType<T>,
): Promise<Answer<T>> {
  const url = toUrl(server, path);
  if (url === undefined) return failed(`${server} is not a server address such as 127.0.0.1:8080`);
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok) return failed(`${url.host} answered ${response.status} to ${path}`);
    return check(await response.json(), schema, `${url.host} answered ${path}`);
  } catch (error) {
    return explainFailure(error, url.host, timeoutMs);
  }
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
