import type { Gateway, ListenerTls } from "../policy/intent/gateway.ts";
import { LISTENER_TYPE } from "../proto/type-url.ts";
import { connectionManager } from "./connection-manager.ts";
import type { HostView, PortView } from "./gateway-view.ts";
import { ANY_HOST } from "./hostname.ts";
import { hostName, portName } from "./names.ts";
import type { EnvoyResource, Json, JsonObject } from "./resource.ts";
import { transportSocket } from "./tls.ts";

/**
 * One Envoy listener per port of a gateway. The gateway's listeners of that port are told apart by hostname: without TLS in the
 * route configuration, with TLS by the name the client asks for (SNI), each with its certificate and routes of its own, so that a
 * connection made for one host cannot ask for another. Changing a listener drains its connections, so everything that moves
 * lives elsewhere: routes in RDS, certificates in SDS, the shedding filter's configuration in ECDS.
 * A listener opens only with its routes and its filter: without them it would answer 404 and 500. While it waits for
 * new ones, Envoy serves with the old.
 */
export interface ListenerHeaders {
  /** Nobody may send them in; they are gone before routes and filters look. */
  readonly stripped: readonly string[];
  /** The access log carries them. */
  readonly logged: readonly string[];
}

export function buildListener(
  gateway: Gateway,
  { port, hosts }: PortView,
  headers: ListenerHeaders,
): EnvoyResource {
  const name = portName(gateway.name, port);
  const [first = "0.0.0.0", ...others] = gateway.addresses;
  const secure = hosts.flatMap(({ hostname, tls }) => (tls ? [{ hostname, tls }] : []));
  const body = {
    name,
    address: addressJson(first, port),
    ...(others.length > 0 && {
      additional_addresses: others.map((address) => ({ address: addressJson(address, port) })),
    }),
    ...(secure.length > 0 && { listener_filters: [tlsInspector()] }),
    filter_chains:
      secure.length === 0
        ? [{ filters: [clientManager(name, headers)] }]
        : secure.map((host) => secureChain(hostName(name, host.hostname), host, headers)),
  };
  return { typeUrl: LISTENER_TYPE, name, body };
}

function secureChain(
  name: string,
  { hostname, tls }: Pick<HostView, "hostname"> & { readonly tls: ListenerTls },
  headers: ListenerHeaders,
): Json {
  return {
    name,
    // Without a name in the match, it takes who asks for any other or for none.
    filter_chain_match: hostname === ANY_HOST ? {} : { server_names: [hostname] },
    transport_socket: transportSocket(tls, name),
    filters: [clientManager(name, headers)],
  };
}

function clientManager(name: string, { stripped, logged }: ListenerHeaders): JsonObject {
  return connectionManager({ name, peer: { kind: "client", stripped }, logged });
}

export function tlsInspector(): JsonObject {
  return {
    name: "envoy.filters.listener.tls_inspector",
    typed_config: {
      "@type":
        "type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector",
    },
  };
}

export function addressJson(address: string, port: number): JsonObject {
  return { socket_address: { address, port_value: port } };
}
