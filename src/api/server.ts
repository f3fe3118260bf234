import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import type { StatusDocument } from "./status-document.ts";

/**
 * The HTTP address: `/status` and `/proxies` as JSON, `/metrics` for Prometheus, `/healthz`. Reads only; what it shows
 * comes from the functions it is given.
 */
export interface ApiSource {
  status(): StatusDocument;
  /** Prometheus text. */
  metrics(): Promise<string>;
}

export function buildApi(source: ApiSource): Hono {
  const api = new Hono();
  api.get("/status", (context) => context.json(source.status()));
  api.get("/proxies", (context) => context.json({ nodes: source.status().nodes }));
  api.get("/metrics", async (context) => {
    context.header("content-type", "text/plain; version=0.0.4; charset=utf-8");
    return context.body(await source.metrics());
  });
  api.get("/healthz", (context) => context.text("ok\n"));
  api.get("/", (context) =>
    context.json({ paths: ["/status", "/proxies", "/metrics", "/healthz"] }),
  );
  api.notFound((context) => {
    const problem = {
      title: "Not Found",
      status: 404,
      detail: `${context.req.path} is not here; see /`,
    };
    return context.json(problem, 404, { "content-type": "application/problem+json" });
  });
  api.onError((error, context) => {
    const problem = { title: "Internal Server Error", status: 500, detail: error.message };
    return context.json(problem, 500, { "content-type": "application/problem+json" });
  });
  return api;
}

/** Listens; resolves to the server and the port taken. Rejects with the system's error, e.g. EADDRINUSE. */
export function listenApi(
  api: Hono,
  address: { host: string; port: number },
): Promise<{ server: Server; port: number }> {
  const server = createServer(getRequestListener(api.fetch));
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(address.port, address.host, () => {
      const bound = server.address();
      resolve({
        server,
        port: typeof bound === "object" && bound !== null ? bound.port : address.port,
      });
    });
  });
}
