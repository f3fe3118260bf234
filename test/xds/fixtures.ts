import type { JsonFields } from "../../src/proto/encode-json.ts";
import {
  CLUSTER_TYPE,
  ENDPOINT_TYPE,
  LISTENER_TYPE,
  ROUTE_TYPE,
} from "../../src/proto/type-url.ts";
import { encodeJson, type Resource } from "../../src/xds/server.ts";

/** Real Envoy resources for tests over sockets, as small as Envoy accepts them. */
const EXTENSIONS = "type.googleapis.com/envoy.extensions.filters";

export function cluster(name: string, connectTimeout = "1s"): Resource {
  return encode(CLUSTER_TYPE, name, {
    name,
    type: "EDS",
    connect_timeout: connectTimeout,
    eds_cluster_config: { eds_config: { ads: {}, resource_api_version: "V3" } },
  });
}

export function endpoints(name: string, port?: number): Resource {
  const address = { socket_address: { address: "127.0.0.1", port_value: port } };
  const lb_endpoints = [{ endpoint: { address } }];
  return encode(ENDPOINT_TYPE, name, {
    cluster_name: name,
    endpoints: port === undefined ? [] : [{ lb_endpoints }],
  });
}

export function listener(name: string, options: { route: string; filter?: JsonFields }): Resource {
  const router = {
    name: "router",
    typed_config: { "@type": `${EXTENSIONS}.http.router.v3.Router` },
  };
  const manager = {
    "@type": `${EXTENSIONS}.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: name,
    rds: {
      route_config_name: options.route,
      config_source: { ads: {}, resource_api_version: "V3" },
    },
    http_filters: [...(options.filter === undefined ? [] : [options.filter]), router],
  };
  return encode(LISTENER_TYPE, name, {
    name,
    address: { socket_address: { address: "127.0.0.1", port_value: 0 } },
    filter_chains: [{ filters: [{ name: "http", typed_config: manager }] }],
  });
}

export function routes(name: string, rules: readonly JsonFields[]): Resource {
  return encode(ROUTE_TYPE, name, {
    name,
    virtual_hosts: [{ name: "all", domains: ["*"], routes: rules }],
  });
}

export function directRoute(prefix: string, body: string): JsonFields {
  return {
    match: { prefix },
    direct_response: { status: 200, body: { inline_string: body } },
  };
}

export function clusterRoute(prefix: string, name: string): JsonFields {
  return { match: { prefix }, route: { cluster: name } };
}

function encode(typeUrl: string, name: string, json: JsonFields): Resource {
  return { typeUrl, name, value: encodeJson(typeUrl, json) };
}
