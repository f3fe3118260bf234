import { lookup } from "node:dns/promises";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { nameOf, type Reach } from "./reach.ts";

/**
 * One HTTP request to somewhere outside, in bounds: only where `Reach` allows, to an address that was resolved once and is
 * connected to as it is, no redirect followed, 5 s in all, at most 64 KiB of answer. It answers and never rejects.
 */
export interface Outgoing {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type Answered =
  | { readonly ok: true; readonly status: number; readonly text: string }
  | {
      readonly ok: false;
      /** A sentence without secrets. */
      readonly why: string;
      /** Trying again may help. */
      readonly mayPass: boolean;
    };

export type Resolve = (host: string) => Promise<readonly string[]>;

export type Send = (outgoing: Outgoing) => Promise<Answered>;

const TIMEOUT_MS = 5000;
const MOST_BYTES = 64 * 1024;

/** All addresses of a name. */
export const resolveByDns: Resolve = async (host) =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);

export function sender(
  reach: Reach,
  resolve: Resolve = resolveByDns,
  timeoutMs: number = TIMEOUT_MS,
): Send {
  return async (outgoing) => {
    const target = targetOf(outgoing.url);
    if (typeof target === "string") return refused(target);
    const { host, port } = target;
    const why = reach.refuseHost(host, port);
    if (why !== undefined) return refused(`${why}: see --outbound`);
    const signal = AbortSignal.timeout(timeoutMs);
    const found = isIP(host) === 0 ? await resolveIn(resolve, host, signal) : [host];
    if (found === undefined) return { ok: false, why: `${host} has no address`, mayPass: true };
    // One address that is forbidden makes the name one that cannot be trusted.
    const fault = found
      .map((each) => reach.refuseAddress(each, port))
      .find((each) => each !== undefined);
    const [address] = found;
    if (fault !== undefined || address === undefined) return refused(`${host}: ${fault}`);
    return exchange(outgoing, { ...target, address }, signal);
  };
}

interface Target {
  readonly url: URL;
  readonly host: string;
  readonly port: number;
}

function targetOf(text: string): Target | string {
  if (!URL.canParse(text)) return "it is no address";
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return `${url.protocol} is not http or https`;
  if (url.username !== "" || url.password !== "")
    return "an address with a user in it is not sent to";
  const host = nameOf(url.hostname);
  if (host === "") return "it names no host";
  const standard = url.protocol === "https:" ? 443 : 80;
  return { url, host, port: url.port === "" ? standard : Number(url.port) };
}

function refused(why: string): Answered {
  return { ok: false, why, mayPass: false };
}

async function resolveIn(
  resolve: Resolve,
  host: string,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const given = new Promise<undefined>((done) => {
    signal.addEventListener("abort", () => done(undefined), { once: true });
  });
  const found = await Promise.race([resolve(host).catch(() => undefined), given]);
  return found === undefined || found.length === 0 ? undefined : found;
}

function exchange(
  { method, headers = {}, body }: Outgoing,
  { url, host, port, address }: Target & { readonly address: string },
  signal: AbortSignal,
): Promise<Answered> {
  const pinned: LookupFunction = (_, { all }, done) => {
    const family = isIP(address);
    if (all === true) done(null, [{ address, family }]);
    else done(null, address, family);
  };
  const isTls = url.protocol === "https:";
  const options = {
    ...{ host, port, method, signal, lookup: pinned, agent: false as const },
    path: `${url.pathname}${url.search}`,
    headers: {
      ...headers,
      host: url.host,
      ...(body !== undefined && { "content-length": String(Buffer.byteLength(body)) }),
    },
    ...(isTls && isIP(host) === 0 && { servername: host }),
  };
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) => {
      const why = signal.aborted ? "no answer in time" : (error.code ?? error.message);
      resolve({ ok: false, why: `${host}:${port}: ${why}`, mayPass: true });
    };
    const request = (isTls ? requestHttps : requestHttp)(options, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("error", failed);
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= MOST_BYTES) return void chunks.push(chunk);
        resolve(refused(`${host}:${port}: its answer is above ${MOST_BYTES} bytes`));
        request.destroy();
      });
      response.on("end", () =>
        resolve(
          judge(
            `${host}:${port}`,
            response.statusCode ?? 0,
            Buffer.concat(chunks).toString("utf8"),
          ),
        ),
      );
    });
    request.on("error", failed);
    request.end(body);
  });
}

function judge(where: string, status: number, text: string): Answered {
  if (status >= 200 && status < 300) return { ok: true, status, text };
  if (status >= 300 && status < 400)
    return refused(`${where}: answered ${status}; redirects are not followed`);
  return {
    ok: false,
    why: `${where}: answered ${status}`,
    mayPass: status >= 500 || status === 429 || status === 408,
  };
}
