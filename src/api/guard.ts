import { isIP } from "node:net";
import type { Context } from "hono";
import { problem } from "./problem.ts";

/**
 * Against web pages that use a browser on this machine. A request to loopback must name loopback as its host, lest a page
 * reach it under a name of its own (DNS rebinding); and what a page of another origin sends is refused.
 */
export function guard(context: Context, listenHost: string): Response | undefined {
  const { req } = context;
  const { hostname, host } = new URL(req.url);
  if (isLoopback(listenHost) && !isLoopback(hostname)) {
    const detail = "Ask for 127.0.0.1 or localhost; or let it listen on another address.";
    return problem(context, 403, { title: "the Host header names another machine", detail });
  }
  const origin = req.header("origin");
  if (origin === undefined || hostOf(origin) === host) return undefined;
  const detail = "Pages of other origins may neither read nor change anything here.";
  return problem(context, 403, { title: "the request comes from another origin", detail });
}

export function isLoopback(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, "$1").replace(/^::ffff:/, "");
  if (isIP(address) === 4) return address.startsWith("127.");
  return address === "::1" || address === "localhost";
}

/** `null`, or what is no address: of nobody. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
