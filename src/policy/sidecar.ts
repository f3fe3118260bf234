/**
 * `Service.spec.sidecar`: the Envoy beside each instance of a service. Callers reach the instance through `inbound`, so that is the
 * port their endpoints name; the instance calls others through `outbound`, on loopback, by their Service's name as the host.
 */
import { z } from "zod";
import { endpointAddress } from "./address.ts";
import { type Draft, refuseRepeats } from "./draft.ts";
import { fields } from "./fields.ts";
import type { Sidecar } from "./intent/service.ts";

const port = z.int().min(0).max(65535);

export const sidecarSpec = fields({
  inbound: port,
  app: endpointAddress,
  outbound: port,
  calls: z.array(z.string().min(1)).max(1000).exactOptional(),
});

type SidecarSpec = z.output<typeof sidecarSpec>;

export function checkSidecar(draft: Draft<{ readonly sidecar?: SidecarSpec }>): void {
  const { sidecar } = draft.spec;
  if (sidecar === undefined) return;
  const { inbound, outbound, app, calls = [] } = sidecar;
  if (inbound !== 0 && inbound === outbound) {
    const message = `${outbound} is already the port of inbound; a sidecar listens on two`;
    draft.wrong("QM0118", ["sidecar", "outbound"], message);
  }
  const taken = [inbound, outbound].includes(app.port);
  if (taken && isLoopback(app.host)) {
    const message = `port ${app.port} is the sidecar's own, so requests would go round in a circle`;
    draft.wrong("QM0118", ["sidecar", "app"], message);
  }
  refuseRepeats(draft, { path: ["sidecar", "calls"], names: calls, field: "" });
}

function isLoopback(host: string): boolean {
  return host.startsWith("127.") || host === "::1";
}

/** By name, so that the order in which calls are listed never shows. */
export function toSidecar({ inbound, app, outbound, calls }: SidecarSpec): Sidecar {
  return { inbound, app, outbound, ...(calls !== undefined && { calls: calls.toSorted() }) };
}
