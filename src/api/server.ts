import { createServer, type Server } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { problem } from "./problem.ts";
import type { ProxiesDocument, StatusDocument } from "./status-document.ts";

/**
 * The HTTP face, for reading only: `/status` (everything, one document), `/proxies` (who holds what), `/metrics`
 * (Prometheus), `/healthz` (this process answers). Everything else is a problem document. Where what is answered comes
 * from is the caller's. There is no authentication, so it belongs on loopback; there, a request that names another host
 * is refused, lest a web page reach it under a name of its own (DNS rebinding).
 */
export type StatusSource = () => StatusDocument;

export interface ApiOptions {
  /** IP address or name; loopback unless the operator says otherwise. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly status: StatusSource;
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  /** Something in this program failed while it answered; the client got a 500. */
  readonly onError?: (error: Error) => void;
}

export interface Api {
  readonly port: number;
  stop(): Promise<void>;
}

/** No request of this interface needs a body. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Rejects with one sentence if the port cannot be had. */
export async function startApi(options: ApiOptions): Promise<Api> {
  const app = buildApp(options);
  const server = createServer(getRequestListener(app.fetch));
  const port = await listen(server, options);
  return {
    port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The routes without a socket. */
export function buildApp(options: ApiOptions): Hono {
  const { host, status, metrics, onError } = options;
  const app = new Hono();
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: tooLarge }));
  app.use(async (context, next) => {
    const { method, url } = context.req;
    if (isLoopback(host) && !isLoopback(new URL(url).hostname)) return foreignHost(context);
    if (method !== "GET" && method !== "HEAD") return wrongMethod(context);
    await next();
    context.header("cache-control", "no-store");
    context.header("x-content-type-options", "nosniff");
    return undefined;
  });
  app.get("/status", (context) => context.json(status()));
  app.get("/proxies", (context) => context.json(toProxies(status())));
  app.get("/metrics", async (context) =>
    context.body(await metrics.text(), 200, { "content-type": metrics.contentType }),
  );
  app.get("/", (context) => context.json({ paths: PATHS }));
  app.get("/healthz", (context) => context.json({ status: "ok" }));
  app.notFound(notFound);
  app.onError((error, context) => {
    onError?.(error);
    return failed(context);
  });
  return app;
}

function toProxies({ nodes, withheld }: StatusDocument): ProxiesDocument {
  const proxies = nodes.map(({ evidence: _, ...proxy }) => proxy);
  return { nodes: proxies, ...(withheld !== undefined && { withheld }) };
}

function isLoopback(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, "$1");
  if (isIP(address) === 4) return address.startsWith("127.");
  return address === "::1" || address === "localhost";
}

const PATHS = ["/status", "/proxies", "/metrics", "/healthz"];

function notFound(context: Context): Response {
  const { path } = context.req;
  return problem(context, 404, {
    title: `there is no ${path}`,
    detail: `What there is: ${PATHS.join(", ")}`,
  });
}

function wrongMethod(context: Context): Response {
  context.header("allow", "GET, HEAD");
  const title = `${context.req.method} is not possible`;
  return problem(context, 405, { title, detail: `This interface only reads: ${PATHS.join(", ")}` });
}

function foreignHost(context: Context): Response {
  const detail = "Ask for 127.0.0.1 or localhost; or let it listen on another address.";
  return problem(context, 403, { title: "the Host header names another machine", detail });
}

function tooLarge(context: Context): Response {
  return problem(context, 413, { title: "the body is too large", detail: "Send none." });
}

function failed(context: Context): Response {
  const detail = "The control plane's log says more.";
  return problem(context, 500, { title: "the answer could not be made", detail });
}

function listen(server: Server, { host, port }: ApiOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(new Error(whyNot(`${host}:${port}`, cause), { cause })),
    );
    server.listen({ host, port }, () => resolve((server.address() as AddressInfo).port));
  });
}

function whyNot(address: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === "EADDRINUSE")
    return `HTTP address ${address} is in use: stop what holds it, or choose another with --http (port 0 takes a free one).`;
  if (code === "EACCES")
    return `HTTP address ${address} needs rights this user does not have: choose a port above 1023 with --http.`;
  return `cannot listen on HTTP address ${address}: ${message}`;
}
