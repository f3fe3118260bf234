/**
 * Checks across documents: names that are there twice, references to what is not there, Sheddings that contend for one target.
 * A document that exists but could not be read whole still counts as there, so that one fault is told once.
 */
import { type BackendRefSpec, splitVersion } from "./backend-ref.ts";
import type { Draft } from "./draft.ts";
import { type Drafts, type RouteDraft, routeDrafts } from "./drafts.ts";
import type { GatewaySpec } from "./gateway.ts";
import { checkKindsApart, checkProtocols } from "./grpc-references.ts";
import { hostnamesMeet } from "./hostname-match.ts";
import { type Absent, absentFrom } from "./known-names.ts";
import { didYouMeanOneOf } from "./nearest.ts";
import { isOfLostKind } from "./parent-ref.ts";
import type { Path } from "./path.ts";
import type { RateLimitSpec } from "./rate-limit.ts";
import { type ServiceSpec, versionFault } from "./service.ts";
import type { SheddingSpec } from "./shedding.ts";
import { checkSheddingRoom } from "./shedding-room.ts";
import type { Sources } from "./source.ts";
import { targetOf } from "./target.ts";

export function checkReferences(drafts: Drafts, sources: Sources): void {
  const byName = {
    Gateway: new Map(drafts.Gateway.map((draft) => [draft.name, draft])),
    Service: new Map(drafts.Service.map((draft) => [draft.name, draft])),
  };
  const context: Context = { absent: absentFrom(sources), ...byName };
  checkNames(drafts);
  for (const route of routeDrafts(drafts)) {
    checkParents(route, context);
    checkRouteBackends(route, context);
  }
  for (const route of drafts.GRPCRoute) checkProtocols(route, context);
  checkKindsApart(drafts);
  for (const service of drafts.Service) checkCalls(service, context);
  for (const draft of [...drafts.Shedding, ...drafts.RateLimit]) checkTarget(draft, context);
  checkShared(drafts.Shedding);
  checkSheddingRoom(drafts);
}

interface Context {
  readonly Gateway: ReadonlyMap<string, Draft<GatewaySpec>>;
  readonly Service: ReadonlyMap<string, Draft<ServiceSpec>>;
  readonly absent: Absent;
}

function checkNames(drafts: Drafts): void {
  for (const list of Object.values(drafts) as Draft<unknown>[][]) {
    const first = new Map<string, Draft<unknown>>();
    for (const draft of list) {
      if (draft.name === "") continue;
      const other = first.get(draft.name);
      if (other === undefined) first.set(draft.name, draft);
      else
        draft.wrongOutside(
          "QM0201",
          ["metadata", "name"],
          `${draft.name} is already there in ${other.place}`,
        );
    }
  }
}

function checkParents(route: RouteDraft, context: Context): void {
  for (const [index, { kind, name, sectionName }] of route.spec.parentRefs.entries()) {
    const path = ["parentRefs", index];
    if (isOfLostKind(route, path)) continue;
    const absent = context.absent(kind, name);
    if (absent !== undefined) route.wrong("QM0202", [...path, "name"], absent);
    if (kind === "Service") continue;
    const gateway = context.Gateway.get(name);
    if (gateway === undefined || gateway.hasLost(["listeners"])) continue;
    const { listeners } = gateway.spec;
    const chosen = listeners.filter(
      (listener) => sectionName === undefined || listener.name === sectionName,
    );
    if (chosen.length === 0 && sectionName !== undefined) {
      const names = listeners.map((listener) => listener.name);
      const hint = didYouMeanOneOf(sectionName, names, "listeners");
      route.wrong(
        "QM0203",
        [...path, "sectionName"],
        `Gateway ${name} has no listener ${sectionName}${hint}`,
      );
    } else if (!chosen.some((listener) => allowsKind(listener, route)) && chosen.length > 0) {
      const message = `no listener of Gateway ${name} that is meant here allows routes of kind ${route.source.root.kind}`;
      route.wrong("QM0213", [...path, "name"], message);
    } else if (
      listeners.length > 0 &&
      !route.hasLost(["hostnames"]) &&
      !meets(route.spec.hostnames, chosen)
    ) {
      const wanted = chosen.map(({ hostname = "any" }) => hostname).join(", ");
      const message = `no listener of Gateway ${name} takes a hostname of this route; they take ${wanted}`;
      route.wrong("QM0208", ["hostnames"], message);
    }
  }
}

function allowsKind({ allowedRoutes }: Listener, { source }: RouteDraft): boolean {
  return allowedRoutes?.kinds?.some(({ kind }) => kind === source.root.kind) ?? true;
}

type Listener = GatewaySpec["listeners"][number];

function meets(hostnames: readonly string[], listeners: GatewaySpec["listeners"]): boolean {
  return listeners.some(
    ({ hostname }) =>
      hostname === undefined ||
      hostnames.length === 0 ||
      hostnames.some((wanted) => hostnamesMeet(wanted, hostname)),
  );
}

function checkRouteBackends(route: RouteDraft, context: Context): void {
  for (const [index, { backendRefs, filters }] of route.spec.rules.entries()) {
    for (const [at, ref] of backendRefs.entries()) {
      checkBackend(route, ref, { path: ["rules", index, "backendRefs", at], context });
    }
    for (const [at, filter] of filters.entries()) {
      if (filter.type !== "RequestMirror") continue;
      const path = ["rules", index, "filters", at, "requestMirror", "backendRef"];
      checkBackend(route, filter.requestMirror.backendRef, { path, context });
    }
  }
}

function checkBackend(
  route: RouteDraft,
  ref: BackendRefSpec,
  { path, context }: { path: Path; context: Context },
): void {
  const at = [...path, "name"];
  // Its kind may have been the fault, and then the name cannot be judged.
  if (route.isDamaged([...path, "kind"]) || route.isDamaged([...path, "group"])) return;
  const [name = "", version] = ref.kind === "Service" ? [ref.name] : splitVersion(ref.name);
  if (ref.kind === "ServiceVersion" && version === undefined) {
    route.wrong(
      "QM0205",
      at,
      `${ref.name} is not of the form SERVICE.VERSION, such as checkout.v2`,
    );
    return;
  }
  const absent = context.absent("Service", name);
  if (absent !== undefined) route.wrong("QM0204", at, absent);
  const service = context.Service.get(name);
  if (service === undefined || version === undefined) return;
  const fault = versionFault(service, version);
  if (fault !== undefined) route.wrong("QM0205", at, fault);
}

function checkCalls(service: Draft<ServiceSpec>, context: Context): void {
  for (const [index, name] of (service.spec.sidecar?.calls ?? []).entries()) {
    const absent = context.absent("Service", name);
    if (absent !== undefined) service.wrong("QM0210", ["sidecar", "calls", index], absent);
  }
}

const TARGET_KIND = { service: "Service", gateway: "Gateway", route: "HTTPRoute" } as const;

function checkTarget(draft: Draft<SheddingSpec> | Draft<RateLimitSpec>, context: Context): void {
  const target = targetOf(draft.spec);
  if (target === undefined) return;
  const absent =
    target.kind === "route" && context.absent("GRPCRoute", target.name) === undefined
      ? undefined
      : context.absent(TARGET_KIND[target.kind], target.name);
  if (absent !== undefined) draft.wrong("QM0206", ["target", target.kind], absent);
}

function checkShared(sheddings: readonly Draft<SheddingSpec>[]): void {
  const taken = new Map<string, Draft<SheddingSpec>>();
  for (const draft of sheddings) {
    const target = targetOf(draft.spec);
    if (target === undefined) continue;
    const path = ["target", target.kind];
    const key = `${target.kind} ${target.name}`;
    const other = taken.get(key);
    if (other === undefined) taken.set(key, draft);
    else
      draft.wrong(
        "QM0207",
        path,
        `${key} is already the target of Shedding ${other.name} (${other.place})`,
      );
  }
}
