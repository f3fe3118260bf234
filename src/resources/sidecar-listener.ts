import { LISTENER_TYPE } from "../proto/type-url.ts";
import { connectionManager } from "./connection-manager.ts";
import { addressJson, type ListenerHeaders } from "./listener.ts";
import { sideName } from "./names.ts";
import type { EnvoyResource, JsonObject } from "./resource.ts";
import type { SidecarView } from "./sidecar-view.ts";

/**
 * The two listeners of a sidecar. The inbound one is open to the network, and tells its peers apart by where the connection
 * comes from: over loopback from a process of the same machine or pod, which is believed as the rim of the control plane
 * believes it, or from anywhere else, where nothing shows who it is (docs/decisions/0010-who-a-sidecar-believes.md).
 * The outbound one is for the instance alone: it binds loopback, and what comes over it speaks for the instance.
 */
export function buildInboundListener(
  { service, sidecar }: SidecarView,
  { stripped, logged }: ListenerHeaders,
): EnvoyResource {
  const name = sideName(service.name, "inbound", sidecar.inbound);
  const body = {
    name,
    address: addressJson("0.0.0.0", sidecar.inbound),
    filter_chains: [
      {
        name: "loopback",
        filter_chain_match: { direct_source_prefix_ranges: [LOOPBACK] },
        filters: [connectionManager({ name, peer: { kind: "verified" }, logged })],
      },
    ],
    default_filter_chain: {
      name: "network",
      filters: [connectionManager({ name, peer: { kind: "unverified", stripped }, logged })],
    },
  };
  return { typeUrl: LISTENER_TYPE, name, body };
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
