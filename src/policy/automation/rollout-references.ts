/** Rollouts against the Services they move: versions that are there, nobody else who sets their weights, no request out of their reach. */
import { serviceOf, splitVersion } from "../backend-ref.ts";
import type { Draft } from "../draft.ts";
import { type Drafts, type RouteDraft, routeDrafts } from "../drafts.ts";
import type { Absent } from "../known-names.ts";
import { type ServiceSpec, versionFault } from "../service.ts";
import type { RolloutSpec } from "./rollout.ts";

export function checkRolloutReferences(drafts: Drafts, absent: Absent): void {
  const first = new Map<string, Draft<RolloutSpec>>();
  for (const draft of drafts.Rollout) {
    const name = draft.spec.service;
    if (name === undefined) continue;
    const fault = absent("Service", name);
    if (fault !== undefined) draft.wrong("QM0217", ["service"], fault);
    const other = first.get(name);
    if (other === undefined) first.set(name, draft);
    else {
      const message = `Rollout ${other.name} (${other.place}) already moves Service ${name}`;
      draft.wrong("QM0221", ["service"], message);
    }
    const service = drafts.Service.find((each) => each.name === name);
    if (service !== undefined) checkService(draft, service);
    checkRoutes(draft, name, drafts);
  }
}

function checkService(draft: Draft<RolloutSpec>, service: Draft<ServiceSpec>): void {
  const { versions } = draft.spec;
  if (versions === undefined || service.hasLost(["versions"])) return;
  for (const part of ["stable", "canary"] as const) {
    const fault = versionFault(service, versions[part]);
    if (fault !== undefined) draft.wrong("QM0220", ["versions", part], fault);
  }
  for (const [version, weight] of Object.entries(service.spec.weights ?? {})) {
    if (weight === 0 || version === versions.stable) continue;
    const message = `Rollout ${draft.name} (${draft.place}) alone moves the weights, from all to ${versions.stable}; leave weights out`;
    service.wrong("QM0223", ["weights", version], message);
  }
}

/** A rule that names one version keeps its requests out of reach. */
function checkRoutes(draft: Draft<RolloutSpec>, service: string, drafts: Drafts): void {
  for (const route of routeDrafts(drafts)) {
    const rule = pinnedRule(route, service);
    if (rule < 0) continue;
    const place = `spec.rules[${route.indexOf(["rules", rule])}] of route ${route.name} (${route.place})`;
    const message = `${place} names one version of ${service}, whose requests a Rollout could not move; name the Service`;
    draft.wrong("QM0222", ["service"], message);
  }
}

function pinnedRule({ spec }: RouteDraft, service: string): number {
  return spec.rules.findIndex(({ backendRefs }) =>
    backendRefs.some(
      (ref) =>
        ref.kind === "ServiceVersion" &&
        serviceOf(ref) === service &&
        splitVersion(ref.name)[1] !== undefined,
    ),
  );
}
