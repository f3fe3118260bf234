import { found, getProperty, Status } from "./host.ts";
import { equals, Span } from "./memory.ts";
import { Config, Name, Scope } from "./records.ts";
import { constant } from "./text.ts";

/**
 * Which scope a request belongs to: the first, in the operator's order, that holds its cluster or its route; a scope that
 * names neither holds every request. Cluster and route are each asked of the host at most once, and only when a scope in
 * reach needs them: with one scope for all requests no call is made. Not known means not held.
 */
const CLUSTER_NAME: Span = propertyPath("xds.cluster_name");
const ROUTE_NAME: Span = propertyPath("xds.route_name");
const UNREAD: u32 = u32.MAX_VALUE;

/** The host separates a property's path by zero bytes. */
export function propertyPath(path: usize): Span {
  const span = constant(path);
  for (let i: u32 = 0; i < span.size; i++) {
    if (load<u8>(span.ptr + i) === 0x2e) store<u8>(span.ptr + i, 0);
  }
  return span;
}

export function scopeOf(config: Config): Scope | null {
  let cluster: usize = 0;
  let clusterSize: u32 = UNREAD;
  let route: usize = 0;
  let routeSize: u32 = UNREAD;
  let scope: Scope | null = config.scopes;
  while (scope !== null) {
    if (scope.clusters === null && scope.routes === null) return scope;
    if (scope.clusters !== null && clusterSize === UNREAD) {
      clusterSize = readName(CLUSTER_NAME);
      cluster = found.ptr;
    }
    if (isAmong(scope.clusters, cluster, clusterSize)) return scope;
    if (scope.routes !== null && routeSize === UNREAD) {
      routeSize = readName(ROUTE_NAME);
      route = found.ptr;
    }
    if (isAmong(scope.routes, route, routeSize)) return scope;
    scope = scope.next;
  }
  return null;
}

/** Size of the name now in `found`, 0 if there is none; names in a configuration are never empty. */
function readName(path: Span): u32 {
  return getProperty(path) === Status.Ok ? found.size : 0;
}

function isAmong(names: Name | null, ptr: usize, size: u32): bool {
  let name: Name | null = names;
  while (name !== null) {
    if (equals(name.ptr, name.size, ptr, size)) return true;
    name = name.next;
  }
  return false;
}
