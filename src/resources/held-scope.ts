import type { Route } from "../policy/intent/route.ts";
import type { Shedding } from "../policy/intent/shedding.ts";
import type { Target } from "../policy/intent/target.ts";
import type { NodeRole } from "../policy/node-role.ts";
import { roleKey } from "../policy/node-role.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import { compareTargets } from "../policy/precedence.ts";
import { MAX_SHEDDINGS } from "../policy/shedding.ts";
import { Catalog } from "./catalog.ts";
import { type GatewayView, viewGateway } from "./gateway-view.ts";
import { appName, clusterNames, routeName } from "./names.ts";
import { type SidecarView, viewSidecar } from "./sidecar-view.ts";

/**
 * The Sheddings one node's filter holds, with what tells their requests apart. A request belongs to the first that
 * holds its cluster or its route, so the narrowest stand first: routes, then services, then the gateway. A Shedding of
 * mode `off` is among them: it keeps a wider one away.
 */
export interface HeldScope {
  readonly shedding: Shedding;
  /** Outbound: the service sheds for itself, and what it would refuse is refused here, by the load it reports. */
  readonly role: "limiting" | "outbound";
  /** Values of `xds.cluster_name`; with `routes` empty too: every request. */
  readonly clusters: readonly string[];
  /** Values of `xds.route_name`. */
  readonly routes: readonly string[];
}

/** What a node answers for; `clusters` by name of the service. */
interface Reach {
  readonly role: NodeRole;
  readonly routes: readonly Route[];
  readonly clusters: ReadonlyMap<string, readonly string[]>;
  /** Of services with sidecars of their own. */
  readonly outbound: ReadonlyMap<string, readonly string[]>;
}

/** A gateway sheds for all it reaches: what comes from outside is refused as early as can be. */
export function gatewayScopes(view: GatewayView, sheddings: readonly Shedding[]): HeldScope[] {
  const clusters = new Map(view.services.map((each) => [each.name, clusterNames(each)]));
  const role = { role: "gateway", name: view.gateway.name } as const;
  return heldScopes({ role, routes: view.routes, clusters, outbound: new Map() }, sheddings);
}

/**
 * A sidecar sheds for its own service, where all callers of the instance meet, and towards others for the routes it calls by
 * and for services that have no sidecar to do it. For one that has, and reports its load, it holds back what that would refuse.
 */
export function sidecarScopes(view: SidecarView, sheddings: readonly Shedding[]): HeldScope[] {
  const { name } = view.service;
  const others = view.services.filter((each) => each.name !== name);
  const alone = others.filter(({ sidecar }) => sidecar === undefined);
  const shedding = others.filter(({ sidecar }) => sidecar !== undefined);
  const clusters = new Map<string, readonly string[]>([
    [name, [appName(name)]],
    ...alone.map((each): [string, string[]] => [each.name, clusterNames(each)]),
  ]);
  const outbound = new Map(shedding.map((each) => [each.name, clusterNames(each)]));
  const role = { role: "sidecar", service: name } as const;
  return heldScopes({ role, routes: view.routes, clusters, outbound }, sheddings);
}

/** For a node of that role; empty if the intent has no work for it. */
export function scopesOf(policySet: PolicySet, role: NodeRole): HeldScope[] {
  const catalog = new Catalog(policySet);
  if (role.role === "gateway") {
    const view = viewGateway(policySet, role.name, catalog);
    return view === undefined ? [] : gatewayScopes(view, policySet.sheddings);
  }
  const view = viewSidecar(policySet, role.service, catalog);
  return view === undefined ? [] : sidecarScopes(view, policySet.sheddings);
}

function heldScopes(reach: Reach, sheddings: readonly Shedding[]): HeldScope[] {
  const as = (role: HeldScope["role"]) => (shedding: Shedding) => ({
    ...{ shedding, role },
    ...selectors(shedding.target, reach),
  });
  const held = [
    ...sheddings.filter(({ target }) => isHere(target, reach)).map(as("limiting")),
    ...sheddings.filter((each) => isToldHere(each, reach)).map(as("outbound")),
  ];
  if (held.length > MAX_SHEDDINGS) {
    const node = roleKey(reach.role);
    throw new Error(`invariant: ${node} has ${held.length} Sheddings, at most ${MAX_SHEDDINGS}`);
  }
  return held.sort((a, b) => compareTargets(a.shedding.target, b.shedding.target));
}

/** Without a report there is nothing to go by. */
function isToldHere({ target, mode, answer }: Shedding, { outbound }: Reach): boolean {
  return (
    answer.loadReport && mode !== "off" && target.kind === "service" && outbound.has(target.name)
  );
}

function isHere({ kind, name }: Target, { role, routes, clusters }: Reach): boolean {
  if (kind === "gateway") return role.role === "gateway" && role.name === name;
  return kind === "service" ? clusters.has(name) : routes.some((route) => route.name === name);
}

function selectors({ kind, name }: Target, { clusters, outbound, routes }: Reach) {
  return {
    clusters: (kind === "service" && (clusters.get(name) ?? outbound.get(name))) || [],
    routes: kind === "route" ? routes.filter((route) => route.name === name).map(routeName) : [],
  };
}
