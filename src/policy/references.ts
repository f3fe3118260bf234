/**
 * Checks across documents: names that are there twice, references to what is not there, Sheddings that contend for one target.
 * A document that exists but could not be read whole still counts as there, so that one fault is told once.
 */
import type { BackendRefSpec } from "./backend-ref.ts";
import type { Draft } from "./draft.ts";
import type { GatewaySpec } from "./gateway.ts";
import { hostnamesMeet } from "./hostname-match.ts";
import type { HttpRouteSpec } from "./http-route.ts";
import { isSupported, type Kind } from "./kinds.ts";
import { didYouMean } from "./nearest.ts";
import { type Path, valueAt } from "./path.ts";
import type { RateLimitSpec } from "./rate-limit.ts";
import type { ServiceSpec } from "./service.ts";
import { versionNames } from "./service.ts";
import { MAX_SHEDDINGS, type SheddingSpec } from "./shedding.ts";
import type { Sources } from "./source.ts";
import { targetOf } from "./target.ts";

export interface Drafts {
  readonly Gateway: readonly Draft<GatewaySpec>[];
  readonly HTTPRoute: readonly Draft<HttpRouteSpec>[];
  readonly Service: readonly Draft<ServiceSpec>[];
  readonly Shedding: readonly Draft<SheddingSpec>[];
  readonly RateLimit: readonly Draft<RateLimitSpec>[];
}

export function checkReferences(drafts: Drafts, sources: Sources): void {
  const byName = {
    Gateway: new Map(drafts.Gateway.map((draft) => [draft.name, draft])),
    Service: new Map(drafts.Service.map((draft) => [draft.name, draft])),
  };
  const known = {
    Gateway: namesOf("Gateway", sources),
    HTTPRoute: namesOf("HTTPRoute", sources),
    Service: namesOf("Service", sources),
  };
  const absent = (kind: keyof typeof known, name: string): string | undefined => {
    if (sources.isIncomplete) return undefined;
    const names = known[kind];
    if (names.has(name)) return undefined;
    return `there is no ${kind} ${name}${didYouMean(name, names)}`;
  };
  const context: Context = { absent, ...byName };
  checkNames(drafts);
  for (const route of drafts.HTTPRoute) {
    checkParents(route, context);
    checkRouteBackends(route, context);
  }
  for (const draft of [...drafts.Shedding, ...drafts.RateLimit]) checkTarget(draft, context);
  checkShared(drafts.Shedding);
  checkRoom(drafts);
}

/** Names of the documents of a kind, and of those whose kind is itself at fault and might be this one. */
function namesOf(kind: Kind, { documents }: Sources): Set<string> {
  const may = documents.filter(({ root }) => {
    const written = root.kind;
    return typeof written !== "string" || written === kind || !isSupported(written);
  });
  const names = may.map(({ root }) => valueAt(root, ["metadata", "name"]));
  return new Set(names.filter((name) => typeof name === "string"));
}

interface Context {
  readonly Gateway: ReadonlyMap<string, Draft<GatewaySpec>>;
  readonly Service: ReadonlyMap<string, Draft<ServiceSpec>>;
  /** What to say if the document is not there. */
  absent(kind: "Gateway" | "HTTPRoute" | "Service", name: string): string | undefined;
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

function checkParents(route: Draft<HttpRouteSpec>, context: Context): void {
  for (const [index, { name, sectionName }] of route.spec.parentRefs.entries()) {
    const path = ["parentRefs", index];
    // Of another kind of parent, the name says nothing about Gateways.
    if (route.isDamaged([...path, "kind"]) || route.isDamaged([...path, "group"])) continue;
    const absent = context.absent("Gateway", name);
    if (absent !== undefined) route.wrong("QM0202", [...path, "name"], absent);
    const gateway = context.Gateway.get(name);
    if (gateway === undefined || gateway.hasLost(["listeners"])) continue;
    const { listeners } = gateway.spec;
    const chosen = listeners.filter(
      (listener) => sectionName === undefined || listener.name === sectionName,
    );
    if (chosen.length === 0 && sectionName !== undefined) {
      const names = listeners.map((listener) => listener.name);
      const hint = didYouMean(sectionName, names) || `; listeners: ${names.join(", ")}`;
      route.wrong(
        "QM0203",
        [...path, "sectionName"],
        `Gateway ${name} has no listener ${sectionName}${hint}`,
      );
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

function meets(hostnames: readonly string[], listeners: GatewaySpec["listeners"]): boolean {
  return listeners.some(
    ({ hostname }) =>
      hostname === undefined ||
      hostnames.length === 0 ||
      hostnames.some((wanted) => hostnamesMeet(wanted, hostname)),
  );
}

function checkRouteBackends(route: Draft<HttpRouteSpec>, context: Context): void {
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
  route: Draft<HttpRouteSpec>,
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
  if (service === undefined || version === undefined || service.hasLost(["versions"])) return;
  const names = versionNames(service.spec);
  if (names.includes(version)) return;
  const hint = didYouMean(version, names) || `; versions: ${names.join(", ") || "none"}`;
  route.wrong("QM0205", at, `Service ${name} has no version ${version}${hint}`);
}

function splitVersion(name: string): [string, string?] {
  const dot = name.indexOf(".");
  return dot > 0 && dot < name.length - 1 ? [name.slice(0, dot), name.slice(dot + 1)] : [name];
}

const TARGET_KIND = { service: "Service", gateway: "Gateway", route: "HTTPRoute" } as const;

function checkTarget(draft: Draft<SheddingSpec> | Draft<RateLimitSpec>, context: Context): void {
  const target = targetOf(draft.spec);
  if (target === undefined) return;
  const absent = context.absent(TARGET_KIND[target.kind], target.name);
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

/** A gateway's filter holds the Sheddings of itself, of its routes and of the Services these reach. */
function checkRoom({ Gateway, HTTPRoute, Shedding }: Drafts): void {
  for (const gateway of Gateway) {
    const routes = HTTPRoute.filter(({ spec }) =>
      spec.parentRefs.some(({ name }) => name === gateway.name),
    );
    const reached = new Set([
      `gateway ${gateway.name}`,
      ...routes.map(({ name }) => `route ${name}`),
      ...routes.flatMap(({ spec }) =>
        spec.rules.flatMap(({ backendRefs }) => backendRefs.map(serviceKey)),
      ),
    ]);
    const count = Shedding.filter(({ spec }) => {
      const target = targetOf(spec);
      return target !== undefined && reached.has(`${target.kind} ${target.name}`);
    }).length;
    if (count <= MAX_SHEDDINGS) continue;
    const message = `${count} Sheddings meet here, above ${MAX_SHEDDINGS}; let several Services share one through a route or the gateway`;
    gateway.wrongOutside("QM0209", ["metadata", "name"], message);
  }
}

function serviceKey({ kind, name }: BackendRefSpec): string {
  return `service ${kind === "Service" ? name : splitVersion(name)[0]}`;
}
