import { createServer } from "node:http";
import type { AddressInfo, Server as Listening } from "node:net";
import { performance } from "node:perf_hooks";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { OtlpIntake } from "../telemetry/otlp-intake.ts";
import type { SignalIntake } from "../telemetry/signal-intake.ts";
import { type Assets, assetRoutes } from "./assets.ts";
import type { Audit } from "./audit-event.ts";
import { authenticator, type Credentials } from "./auth/authenticate.ts";
import type { Commands } from "./commands.ts";
import { guard, isLoopback } from "./guard.ts";
import { otlpRoute } from "./otlp-route.ts";
import { problem } from "./problem.ts";
import type { ReadModel } from "./read-model.ts";
import { Recorder } from "./recorder.ts";
import { certificateOf, frontOf, type OperatorGate } from "./secure-front.ts";
import { signalRoute } from "./signal-route.ts";
import type { ProxiesDocument, StatusDocument } from "./status-document.ts";
import { Gate } from "./v1/gate.ts";
import { LiveFeed } from "./v1/live-feed.ts";
import { type Peer, v1Routes } from "./v1/routes.ts";

/**
 * The HTTP face: `/v1` (what operators see and order, `docs/openapi.json`), `/ui/` (the dashboard), `/status` and `/proxies`
 * (one document each), `/metrics` (Prometheus), `/healthz` (this process answers), `/readyz` (it has intent to serve). All
 * else is a problem document. Where what is answered comes from is the caller's. On loopback reading is open and every
 * change needs a token; on any other address everything but the last three does.
 */
export type StatusSource = () => StatusDocument;

export interface ApiOptions {
  /** IP address or name; loopback unless the operator says otherwise. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly status: StatusSource;
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  /** Absent: this control plane has no automation to show. */
  readonly model?: ReadModel;
  /** Absent: it takes no orders. */
  readonly commands?: Commands;
  /** Where outside systems post signals; absent: nowhere. */
  readonly signals?: Pick<SignalIntake, "take">;
  /** Where OTLP exporters send metrics; absent: nowhere. */
  readonly otlp?: Pick<OtlpIntake, "take">;
  /** Absent: nobody can show who they are. */
  readonly credentials?: Credentials;
  /** Absent: nothing is written down. */
  readonly audit?: Audit;
  /** The dashboard; absent: there is none. */
  readonly assets?: Assets;
  /** TLS beside plaintext on the one port; beyond loopback TLS alone. Absent: plaintext. */
  readonly tls?: OperatorGate;
  /** Monotonic; a test hands in its own. */
  readonly nowMs?: () => number;
  /** Something in this program failed while it answered; the client got a 500. */
  readonly onError?: (error: Error) => void;
}

export interface Api {
  readonly port: number;
  stop(): Promise<void>;
}

/** An order is a few hundred. */
const MAX_BODY_BYTES = 1024 * 1024;

/** A folder of intent, as JSON. */
const MAX_INTENT_BYTES = 32 * 1024 * 1024;

/** Rejects with one sentence if the port cannot be had. */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { app, start, stop } = buildApi(options);
  const server = createServer(getRequestListener(app.fetch));
  const { tls } = options;
  const front = tls === undefined ? server : frontOf(server, tls);
  const port = await listen(front, options);
  start();
  return {
    port,
    stop: () =>
      new Promise((resolve) => {
        stop();
        front.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The routes without a socket, and what ticks behind them. */
export function buildApi(options: ApiOptions) {
  const { host, status, metrics, onError = () => {}, model = {}, commands } = options;
  const {
    audit = () => {},
    assets = new Map(),
    credentials = { access: { accounts: [] } },
  } = options;
  const recorder = new Recorder(status, onError);
  const sources = {
    status: recorder.status,
    history: recorder.history,
    judgements: recorder.judgements,
    model,
  };
  const live = new LiveFeed(sources, onError);
  const gate = new Gate({
    authenticate: authenticator(credentials),
    isOpenForReading: isLoopback(host),
    nowMs: options.nowMs ?? (() => performance.now()),
  });
  const app = new Hono();
  const small = bodyLimit({ maxSize: MAX_BODY_BYTES, onError: tooLarge });
  const large = bodyLimit({ maxSize: MAX_INTENT_BYTES, onError: tooLarge });
  app.use((context, next) => (context.req.path === "/v1/intent" ? large : small)(context, next));
  app.use(async (context, next) => {
    const refusal = guard(context, host);
    if (refusal !== undefined) return refusal;
    await next();
    context.header("x-content-type-options", "nosniff");
    if (!context.res.headers.has("cache-control")) context.header("cache-control", "no-store");
    return undefined;
  });
  if (options.signals !== undefined) app.route("/", signalRoute(options.signals));
  if (options.otlp !== undefined) app.route("/", otlpRoute(options.otlp));
  app.route("/", v1Routes({ sources, commands, gate, live, audit, peerOf }));
  app.route("/", assetRoutes(assets));
  const old = new Hono();
  old.get("/metrics", async (context) =>
    context.body(await metrics.text(), 200, { "content-type": metrics.contentType }),
  );
  old.get("/healthz", (context) => context.json({ status: "ok" }));
  old.get("/readyz", (context) => answerReady(context, status()));
  old.use(async (context, next) => {
    const { address, ...shown } = peerOf(context);
    const authorization = context.req.header("authorization");
    const entry = await gate.admit({ verb: "read", peer: address, ...shown, authorization });
    return entry.ok ? next() : problem(context, entry.status, entry.text);
  });
  old.get("/status", (context) => context.json(status()));
  old.get("/proxies", (context) => context.json(toProxies(status())));
  old.get("/", (context) => answerRoot(context, assets));
  app.route("/", old);
  app.notFound(notFound);
  app.onError((error, context) => {
    onError(error);
    return failed(context);
  });
  const start = () => {
    recorder.start();
    live.start();
  };
  const stop = () => {
    recorder.stop();
    live.stop();
  };
  return { app, live, recorder, start, stop };
}

/** Without a socket there is no peer: a test asks in this process. */
function peerOf({ env }: Context): Peer {
  const socket = (env as Partial<HttpBindings> | undefined)?.incoming?.socket;
  const address = socket?.remoteAddress ?? "127.0.0.1";
  const certificate = certificateOf(socket);
  return {
    address,
    isLocal: isLoopback(address),
    ...(certificate !== undefined && { certificate }),
  };
}

function toProxies({ nodes, withheld, canaries }: StatusDocument): ProxiesDocument {
  const proxies = nodes.map(({ evidence: _, ...proxy }) => proxy);
  return {
    nodes: proxies,
    ...(withheld !== undefined && { withheld }),
    ...(canaries !== undefined && { canaries }),
  };
}

const PATHS = [
  "/ui/",
  "/v1",
  "/openapi.json",
  "/status",
  "/proxies",
  "/metrics",
  "/healthz",
  "/readyz",
];

/** A browser wants the dashboard. */
function answerRoot(context: Context, assets: Assets): Response {
  const wantsPage = (context.req.header("accept") ?? "").includes("text/html");
  return wantsPage && assets.size > 0
    ? context.redirect("/ui/", 302)
    : context.json({ paths: PATHS });
}

function answerReady(context: Context, { intent }: StatusDocument): Response {
  if (intent.digest !== undefined) return context.json({ status: "ready", digest: intent.digest });
  const detail = "No intent has loaded yet: see the problems at /v1/intent.";
  return problem(context, 503, { title: "there is nothing to serve", detail });
}

function notFound(context: Context): Response {
  const { path, method } = context.req;
  if (method !== "GET" && method !== "HEAD" && PATHS.includes(path)) {
    context.header("allow", "GET, HEAD");
    const detail = `${path} is for reading; orders are POST to addresses of /openapi.json.`;
    return problem(context, 405, { title: `${method} is not possible`, detail });
  }
  return problem(context, 404, {
    title: `there is no ${path}`,
    detail: `What there is: ${PATHS.join(", ")}`,
  });
}

function tooLarge(context: Context): Response {
  return problem(context, 413, {
    title: "the body is too large",
    detail: "Send at most 1 MiB, and of intent 32 MiB.",
  });
}

function failed(context: Context): Response {
  const detail = "The control plane's log says more.";
  return problem(context, 500, { title: "the answer could not be made", detail });
}

function listen(server: Listening, { host, port }: ApiOptions): Promise<number> {
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
