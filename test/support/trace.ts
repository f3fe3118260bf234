import type { TraceRequest } from "../../src/decide/replay/trace.ts";

/** A request that checkout.v41 answered in 20 ms; a test writes only what it is about. */
export function traced({
  headers = {},
  ...parts
}: Partial<Omit<TraceRequest, "headers">> & {
  headers?: Record<string, string>;
} = {}): TraceRequest {
  return {
    atMs: 0,
    durationMs: 20,
    cluster: "checkout.v41",
    route: "HTTPRoute/checkout",
    path: "/",
    status: 200,
    ...parts,
    headers: new Map(Object.entries(headers)),
  };
}
