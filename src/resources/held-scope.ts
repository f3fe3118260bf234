import type { PolicySet, Shedding, Target } from "../policy/policy-set.ts";
import { compareTargets } from "../policy/precedence.ts";
import { MAX_SHEDDINGS } from "../policy/shedding.ts";
import { Catalog } from "./catalog.ts";
import { type GatewayView, viewGateway } from "./gateway-view.ts";
import { clusterNames, routeName } from "./names.ts";

/**
 * The Sheddings one gateway's filter holds, with what tells their requests apart. A request belongs to the first that
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

export function heldScopes(view: GatewayView, sheddings: readonly Shedding[]): HeldScope[] {
  const held = sheddings.filter(({ target }) => isHere(target, view));
  held.sort((a, b) => compareTargets(a.target, b.target));
  if (held.length > MAX_SHEDDINGS) {
    throw new Error(
      `invariant: gateway ${view.gateway.name} has ${held.length} Sheddings, at most ${MAX_SHEDDINGS}`,
    );
  }
  return held.map((shedding) => ({ shedding, ...selectors(shedding.target, view) }));
}

/** For a gateway by name; empty if the intent does not have it. */
export function scopesOfGateway(policySet: PolicySet, name: string): HeldScope[] {
  const view = viewGateway(policySet, { role: "gateway", name }, new Catalog(policySet));
  return view === undefined ? [] : heldScopes(view, policySet.sheddings);
}

function isHere({ kind, name }: Target, view: GatewayView): boolean {
  if (kind === "gateway") return view.gateway.name === name;
  const reached = kind === "route" ? view.routes : view.services;
  return reached.some((thing) => thing.name === name);
}

function selectors({ kind, name }: Target, view: GatewayView) {
  const service = view.services.find((each) => kind === "service" && each.name === name);
  return {
    clusters: service === undefined ? [] : clusterNames(service),
    routes: kind === "route" ? [routeName(name)] : [],
  };
}
