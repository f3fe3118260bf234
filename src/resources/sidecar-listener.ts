import type { MeshIdentity } from "../identity/mesh-identity.ts";
import { LISTENER_TYPE } from "../proto/type-url.ts";
import { connectionManager } from "./connection-manager.ts";
import { addressJson, type ListenerHeaders, tlsInspector } from "./listener.ts";
import { meshListenerSocket } from "./mesh-tls.ts";
import { sideName } from "./names.ts";
import type { EnvoyResource, JsonObject } from "./resource.ts";
import type { SidecarView } from "./sidecar-view.ts";

/**
 * The two listeners of a sidecar. The inbound one is open to the network, and tells its peers apart
 * (docs/decisions/0030-who-is-believed-with-certificates.md). Where the role has a certificate, peers that show one of the mesh
 * are taken over TLS and believed, whatever the Service's `tls` says: so callers can go over to TLS, and back, at any time.
 * Without `tls`, plaintext over loopback from a process of the same machine or pod is believed too; plaintext from
 * anywhere else, and with `permissive` all plaintext, is not; with `strict` there is none.
 * The outbound one is for the instance alone: it binds loopback, and what comes over it speaks for the instance.
 */
export function buildInboundListener(
  { service, sidecar }: SidecarView,
  headers: ListenerHeaders,
  identity: MeshIdentity | undefined,
): EnvoyResource {
  const name = sideName(service.name, "inbound", sidecar.inbound);
  const mode = service.tls?.mode;
  const body = {
    name,
    address: addressJson("0.0.0.0", sidecar.inbound),
    ...(identity !== undefined && { listener_filters: [tlsInspector()] }),
    filter_chains: [
      ...(identity === undefined ? [] : [meshChain(name, identity, headers)]),
      ...(mode === undefined ? [loopbackChain(name, headers)] : []),
    ],
    ...(mode !== "strict" && { default_filter_chain: networkChain(name, headers) }),
  };
  return { typeUrl: LISTENER_TYPE, name, body };
}

function meshChain(name: string, identity: MeshIdentity, { logged }: ListenerHeaders): JsonObject {
  return {
    name: "mesh",
    filter_chain_match: { transport_protocol: "tls" },
    transport_socket: meshListenerSocket(identity),
    filters: [connectionManager({ name, peer: { kind: "certified" }, logged })],
  };
}

function loopbackChain(name: string, { logged }: ListenerHeaders): JsonObject {
  return {
    name: "loopback",
    filter_chain_match: { direct_source_prefix_ranges: [LOOPBACK] },
    filters: [connectionManager({ name, peer: { kind: "verified" }, logged })],
  };
}

function networkChain(name: string, { stripped, logged }: ListenerHeaders): JsonObject {
  return {
    name: "network",
    filters: [connectionManager({ name, peer: { kind: "unverified", stripped }, logged })],
  };
}

export function buildOutboundListener(
  { service, sidecar }: SidecarView,
  { logged }: Pick<ListenerHeaders, "logged">,
): EnvoyResource {
  const name = sideName(service.name, "outbound", sidecar.outbound);
  const body = {
    name,
    address: addressJson(LOOPBACK_ADDRESS, sidecar.outbound),
    filter_chains: [{ filters: [connectionManager({ name, peer: { kind: "verified" }, logged })] }],
  };
  return { typeUrl: LISTENER_TYPE, name, body };
}

/** The one address the kernel itself gives to a connection over loopback; others of 127.0.0.0/8 somebody chose. */
const LOOPBACK_ADDRESS = "127.0.0.1";
const LOOPBACK: JsonObject = { address_prefix: LOOPBACK_ADDRESS, prefix_len: 32 };
