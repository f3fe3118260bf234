import { createHash } from "node:crypto";
import { type Context, Hono } from "hono";
import type { Audit } from "../audit-event.ts";
import type { ShownCertificate } from "../auth/authenticate.ts";
import type { Verb } from "../auth/roles.ts";
import type { Commands } from "../commands.ts";
import { problem } from "../problem.ts";
import { AUTOMATION_READS } from "./automation-reads.ts";
import type { ReadEndpoint, Sources } from "./endpoint.ts";
import type { Gate } from "./gate.ts";
import type { LiveFeed } from "./live-feed.ts";
import { MESH_READS } from "./mesh-reads.ts";
import { openApiDocument } from "./openapi.ts";
import { OPERATOR_READS } from "./operator-reads.ts";
import { handleOrder, invalid } from "./order-handler.ts";
import { ORDERS } from "./orders.ts";
import { isTopic, TOPICS } from "./topics.ts";

/** The tables as routes. */
export const READS: readonly ReadEndpoint[] = [
  ...MESH_READS,
  ...AUTOMATION_READS,
  ...OPERATOR_READS,
];

/** Address of who asks, whether it is this machine, and the certificate it showed. */
export interface Peer {
  readonly address: string;
  readonly isLocal: boolean;
  readonly certificate?: ShownCertificate;
}

export interface V1Options {
  readonly sources: Sources;
  readonly commands: Commands | undefined;
  readonly gate: Gate;
  readonly live: LiveFeed;
  readonly audit: Audit;
  readonly peerOf: (context: Context) => Peer;
}

type Handler = (context: Context, by: Admitted) => Promise<Response>;
type Admitted = Parameters<typeof handleOrder>[3];

export function v1Routes(options: V1Options): Hono {
  const { sources, commands, audit } = options;
  const app = new Hono();
  const behind = (verb: Verb, handle: Handler) => (context: Context) =>
    admitted(context, verb, options, handle);
  for (const endpoint of READS)
    app.get(
      route(endpoint.path),
      behind("read", (context, by) => answerRead(context, endpoint, sources, by)),
    );
  for (const endpoint of ORDERS) {
    const ports = { model: sources.model, commands, audit };
    app.post(
      route(endpoint.path),
      behind(endpoint.verb, (context, by) => handleOrder(context, endpoint, ports, by)),
    );
  }
  app.get(
    "/v1/events",
    behind("read", async (context) => answerEvents(context, options.live)),
  );
  const document = JSON.stringify(openApiDocument(), null, 2);
  app.get("/openapi.json", (context) =>
    context.body(document, 200, { "content-type": "application/json" }),
  );
  for (const [path, methods] of methodsByPath())
    app.all(route(path), (context) => wrongMethod(context, methods));
  return app;
}

/** `{id}` as Hono writes it. */
function route(path: string): string {
  return path.replace(/\{(\w+)\}/g, ":$1");
}

async function admitted(
  context: Context,
  verb: Verb,
  { gate, audit, peerOf }: V1Options,
  handle: Handler,
): Promise<Response> {
  const { address, ...shown } = peerOf(context);
  const authorization = context.req.header("authorization");
  const entry = await gate.admit({ verb, peer: address, ...shown, authorization });
  if (entry.ok) return handle(context, { principal: entry.principal, from: address });
  const { status, actor, text, retrySeconds } = entry;
  if (status === 401) context.header("www-authenticate", 'Bearer realm="qmesh"');
  if (retrySeconds !== undefined) context.header("retry-after", String(retrySeconds));
  else {
    const { path } = context.req;
    const at = new Date().toISOString();
    const why = `${text.title}: ${text.detail}`;
    await audit({ kind: "refusal", at, actor, from: address, verb, path, why });
  }
  return problem(context, status, text);
}

async function answerRead(
  context: Context,
  { query, part, path, read }: ReadEndpoint,
  sources: Sources,
  { principal }: Admitted,
): Promise<Response> {
  const asked = query.safeParse(context.req.query());
  if (!asked.success) return problem(context, 400, invalid("the query", asked.error));
  if (part !== undefined && sources.model[part] === undefined) {
    const detail = "This control plane does not have that part.";
    return problem(context, 404, { title: `${part} is not available`, detail });
  }
  const params = context.req.param() as Record<string, string>;
  const value = await read(sources, { params, query: asked.data, principal });
  if (value === undefined) return problem(context, 404, unknown(path, params));
  return withEtag(context, JSON.stringify(value));
}

/** Of `/v1/decisions/{id}` and the like: the name that was asked for, and where those there are stand. */
function unknown(path: string, params: Readonly<Record<string, string>>) {
  const [, kind = "", param = ""] = /^\/v1\/(\w+)\/\{(\w+)\}/.exec(path) ?? [];
  return {
    title: `there is no ${params[param]} among the ${kind}`,
    detail: `qmesh get ${kind}, or /v1/${kind}, lists those there are.`,
  };
}

/** The same text is not sent twice to who still has it. */
function withEtag(context: Context, text: string): Response {
  const etag = `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"`;
  const held = (context.req.header("if-none-match") ?? "").split(",").map((each) => each.trim());
  const headers = { etag, "cache-control": "no-cache" };
  if (held.includes(etag)) return context.body(null, 304, headers);
  return context.body(text, 200, { ...headers, "content-type": "application/json" });
}

function answerEvents(context: Context, live: LiveFeed): Response {
  const asked = (context.req.query("topics") ?? TOPICS.join(",")).split(",");
  const topics = asked.filter(isTopic);
  if (topics.length < asked.length) {
    const detail = `topics: of ${TOPICS.join(", ")}, with commas between them.`;
    return problem(context, 400, { title: "there is no such topic", detail });
  }
  const stream = live.subscribe([...new Set(topics)]);
  if (stream === undefined) {
    context.header("retry-after", "5");
    const detail = "Close some, or ask page by page.";
    return problem(context, 429, { title: "too many live views are open", detail });
  }
  return context.body(stream, 200, {
    "content-type": "text/event-stream",
    "x-accel-buffering": "no",
  });
}

function methodsByPath(): ReadonlyMap<string, readonly string[]> {
  const methods = new Map<string, string[]>([
    ["/v1/events", ["GET", "HEAD"]],
    ["/openapi.json", ["GET", "HEAD"]],
  ]);
  for (const { path } of READS) methods.set(path, ["GET", "HEAD"]);
  for (const { path } of ORDERS) methods.set(path, [...(methods.get(path) ?? []), "POST"]);
  return methods;
}

function wrongMethod(context: Context, methods: readonly string[]): Response {
  context.header("allow", methods.join(", "));
  const title = `${context.req.method} is not possible`;
  return problem(context, 405, { title, detail: `Here: ${methods.join(", ")}.` });
}
