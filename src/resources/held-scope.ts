import { roleKey } from "../policy/node-role.ts";
import type { NodeRole, PolicySet, Route, Shedding, Target } from "../policy/policy-set.ts";
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
}

/** A gateway sheds for all it reaches: what comes from outside is refused as early as can be. */
export function gatewayScopes(view: GatewayView, sheddings: readonly Shedding[]): HeldScope[] {
  const clusters = new Map(view.services.map((each) => [each.name, clusterNames(each)]));
  const role = { role: "gateway", name: view.gateway.name } as const;
  return heldScopes({ role, routes: view.routes, clusters }, sheddings);
}

/**
 * A sidecar sheds for its own service, where all callers of the instance meet, and towards others for the routes it calls by
 * and for services that have no sidecar to do it.
 */
export function sidecarScopes(view: SidecarView, sheddings: readonly Shedding[]): HeldScope[] {
  const { name } = view.service;
  const alone = view.services.filter(({ sidecar }) => sidecar === undefined);
  const clusters = new Map<string, readonly string[]>([
    [name, [appName(name)]],
    ...alone.map((each): [string, string[]] => [each.name, clusterNames(each)]),
  ]);
  return heldScopes(
    { role: { role: "sidecar", service: name }, routes: view.routes, clusters },
    sheddings,
  );
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
  const held = sheddings.filter(({ target }) => isHere(target, reach));
  held.sort((a, b) => compareTargets(a.target, b.target));
  if (held.length > MAX_SHEDDINGS) {
    const node = roleKey(reach.role);
    throw new Error(`invariant: ${node} has ${held.length} Sheddings, at most ${MAX_SHEDDINGS}`);
  }
  return held.map((shedding) => ({ shedding, ...selectors(shedding.target, reach) }));
}

function isHere({ kind, name }: Target, { role, routes, clusters }: Reach): boolean {
  if (kind === "gateway") return role.role === "gateway" && role.name === name;
  return kind === "service" ? clusters.has(name) : routes.some((route) => route.name === name);
}

function selectors({ kind, name }: Target, { clusters, routes }: Reach) {
  return {
    clusters: (kind === "service" && clusters.get(name)) || [],
    routes: kind === "route" ? routes.filter((route) => route.name === name).map(routeName) : [],
  };
}
