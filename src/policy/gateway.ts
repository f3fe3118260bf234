/**
 * `Gateway` of Gateway API: where Envoys of the role gateway listen. HTTP, or HTTPS that ends here. Two listeners may share a port if
 * they are of one protocol and their hostnames differ; port 0 lets Envoy pick a free one, so two of them never clash.
 */
import { z } from "zod";
import { ipAddress } from "./address.ts";
import type { ReadBeside } from "./beside-file.ts";
import { type Draft, refuseRepeats } from "./draft.ts";
import { fields, oneOf } from "./fields.ts";
import type { Gateway } from "./intent/gateway.ts";
import { hostname, label } from "./names.ts";
import { checkTls, tlsSpec, toTls } from "./tls.ts";

const GATEWAY_CLASS = "qmesh";

/** Which routes may attach: all of the mesh, whichever of the two words says so. */
const allowedRoutes = fields({
  namespaces: fields(
    { from: oneOf(["All", "Same"], { Selector: "routes by a selector of namespaces are" }) },
    { selector: "routes by a selector of namespaces are" },
  ).exactOptional(),
  kinds: z
    .array(
      fields({
        group: oneOf(["gateway.networking.k8s.io"]).exactOptional(),
        kind: oneOf(["HTTPRoute", "GRPCRoute"]),
      }),
    )
    .exactOptional(),
});

const listener = fields({
  name: label,
  protocol: oneOf(["HTTP", "HTTPS"], {
    TLS: "listeners of protocol TLS are",
    TCP: "listeners of protocol TCP are",
    UDP: "listeners of protocol UDP are",
  }),
  port: z.int().min(0).max(65535),
  hostname: hostname.exactOptional(),
  allowedRoutes: allowedRoutes.exactOptional(),
  tls: tlsSpec.exactOptional(),
});

const address = fields({
  type: oneOf(["IPAddress"], { Hostname: "addresses by hostname are" }).default("IPAddress"),
  value: ipAddress,
});

export const gatewaySpec = fields(
  {
    gatewayClassName: z.string().default(""),
    addresses: z.array(address).max(16).default([]),
    listeners: z.array(listener).max(64).default([]),
  },
  {
    allowedListeners: "listener sets are",
    infrastructure: "infrastructure of a Gateway is",
    backendTLS: "TLS towards backends is",
    tls: "TLS is",
  },
);

export type GatewaySpec = z.output<typeof gatewaySpec>;

export function checkGateway(draft: Draft<GatewaySpec>, read: ReadBeside): void {
  const { gatewayClassName, listeners, addresses } = draft.spec;
  if (gatewayClassName === "") {
    draft.lacks("QM0007", ["gatewayClassName"], `missing; write ${GATEWAY_CLASS}`);
  } else if (gatewayClassName !== GATEWAY_CLASS) {
    const message = `${JSON.stringify(gatewayClassName)} is not ${GATEWAY_CLASS}, the one class there is`;
    draft.wrong("QM0012", ["gatewayClassName"], message);
  }
  if (listeners.length === 0) draft.lacks("QM0007", ["listeners"], "a Gateway needs a listener");
  refuseRepeats(draft, {
    path: ["listeners"],
    names: listeners.map(({ name }) => name),
    field: "name",
  });
  refuseRepeats(draft, {
    path: ["addresses"],
    names: addresses.map(({ value }) => value),
    field: "value",
  });
  checkClashes(draft);
  checkOneProtocol(draft);
  for (const [index, { protocol, tls }] of listeners.entries()) {
    const path = ["listeners", index, "tls"];
    if (draft.isDamaged(["listeners", index, "protocol"])) continue;
    if (protocol === "HTTPS" && tls === undefined) {
      draft.lacks("QM0007", path, "missing; HTTPS needs a certificate");
    } else if (protocol === "HTTP" && tls !== undefined) {
      draft.wrong("QM0120", path, "protocol HTTP knows no TLS; write HTTPS");
    } else if (tls !== undefined) checkTls(draft, tls, { path, read });
  }
}

/** A connection is of one protocol before it has said for whom it is. */
function checkOneProtocol(draft: Draft<GatewaySpec>): void {
  const first = new Map<number, GatewaySpec["listeners"][number]>();
  for (const [index, listener] of draft.spec.listeners.entries()) {
    const { port, protocol } = listener;
    const other = first.get(port) ?? listener;
    first.set(port, other);
    const isDamaged = draft.isDamaged(["listeners", index, "protocol"]);
    if (other.protocol === protocol || isDamaged) continue;
    const message = `port ${port} is already of protocol ${other.protocol}, in listener ${other.name}`;
    draft.wrong("QM0103", ["listeners", index, "protocol"], message);
  }
}

function checkClashes(draft: Draft<GatewaySpec>): void {
  const taken = new Map<string, string>();
  for (const [index, { name, port, hostname }] of draft.spec.listeners.entries()) {
    if (port === 0 || draft.isDamaged(["listeners", index, "hostname"])) continue;
    const place = `${port} ${hostname ?? ""}`;
    const other = taken.get(place);
    if (other === undefined) {
      taken.set(place, name);
      continue;
    }
    const host = hostname === undefined ? "without a hostname" : `for ${hostname}`;
    const message = `port ${port} ${host} is already taken by listener ${other}`;
    draft.wrong("QM0103", ["listeners", index, "port"], message);
  }
}

export function toGateway(draft: Draft<GatewaySpec>, read: ReadBeside): Gateway {
  const { addresses, listeners } = draft.spec;
  return {
    name: draft.name,
    addresses: addresses.map(({ value }) => value),
    listeners: listeners.map(({ name, protocol, port, hostname, allowedRoutes, tls }) => ({
      name,
      protocol,
      port,
      ...(hostname !== undefined && { hostname }),
      ...(allowedRoutes?.kinds !== undefined && {
        routeKinds: allowedRoutes.kinds.map(({ kind }) => kind).toSorted(),
      }),
      ...(tls !== undefined && { tls: toTls(tls, draft.source.file, read) }),
    })),
  };
}
