/**
 * A filter's memory is of fixed size, so the Sheddings that meet in one Envoy are counted before any Envoy hears of them: at a
 * Gateway those of itself, of its routes and of the Services these reach; at a sidecar that of its own Service, those of the
 * routes it calls by and those of the Services it reaches that have no sidecar to shed for them, or report their load.
 */
import { serviceOf } from "./backend-ref.ts";
import type { Draft } from "./draft.ts";
import { type Drafts, type RouteDraft, routeDrafts } from "./drafts.ts";
import type { ServiceSpec } from "./service.ts";
import { MAX_SHEDDINGS, type SheddingSpec } from "./shedding.ts";
import { targetOf } from "./target.ts";

export function checkSheddingRoom(drafts: Drafts): void {
  for (const gateway of drafts.Gateway) {
    const routes = routeDrafts(drafts).filter((route) => hasParent(route, "Gateway", gateway.name));
    const reached = [`gateway ${gateway.name}`, ...keysOf(routes)];
    checkCount(gateway, reached, drafts);
  }
  for (const service of drafts.Service) {
    if (service.spec.sidecar !== undefined) checkCount(service, reachOf(service, drafts), drafts);
  }
}

function reachOf({ name, spec }: Draft<ServiceSpec>, drafts: Drafts): string[] {
  const { Service } = drafts;
  const called = Service.filter((each) => spec.sidecar?.calls?.includes(each.name) ?? true);
  const routesOf = (service: string) =>
    routeDrafts(drafts).filter((route) => hasParent(route, "Service", service));
  const keys = called.flatMap((each) => {
    const routes = routesOf(each.name);
    return routes.length === 0 ? [`service ${each.name}`] : keysOf(routes);
  });
  const reporting = new Set(
    drafts.Shedding.filter(({ spec }) => spec.answer.loadReport && spec.mode !== "off").map(keyOf),
  );
  const elsewhere = new Set(
    Service.flatMap((each) => (each.spec.sidecar === undefined ? [] : [`service ${each.name}`])),
  );
  return [`service ${name}`, ...keys.filter((key) => !elsewhere.has(key) || reporting.has(key))];
}

/** Empty if it names no target. */
function keyOf({ spec }: Draft<SheddingSpec>): string {
  const target = targetOf(spec);
  return target === undefined ? "" : `${target.kind} ${target.name}`;
}

function hasParent({ spec }: RouteDraft, kind: string, name: string): boolean {
  return spec.parentRefs.some((parent) => parent.kind === kind && parent.name === name);
}

function keysOf(routes: readonly RouteDraft[]): string[] {
  return routes.flatMap(({ name, spec }) => [
    `route ${name}`,
    ...spec.rules.flatMap(({ backendRefs }) =>
      backendRefs.map((ref) => `service ${serviceOf(ref)}`),
    ),
  ]);
}

function checkCount(
  node: Draft<unknown>,
  reached: readonly string[],
  { Shedding }: Pick<Drafts, "Shedding">,
): void {
  const keys = new Set(reached);
  const count = Shedding.filter((draft) => keys.has(keyOf(draft))).length;
  if (count <= MAX_SHEDDINGS) return;
  const wayOut =
    node.source.root.kind === "Gateway"
      ? "let several Services share one through a route or the gateway"
      : "name what it calls in spec.sidecar.calls, or let several Services share one through a route";
  const message = `${count} Sheddings meet here, above ${MAX_SHEDDINGS}; ${wayOut}`;
  node.wrongOutside("QM0209", ["metadata", "name"], message);
}
