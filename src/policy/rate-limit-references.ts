/**
 * RateLimits against the other documents: two that count the same, a tenant that nobody names, a header that is stripped, and a
 * Service whose rule also sends elsewhere. Envoy takes tokens when it has chosen the rule, before it knows the Service that a split will give.
 */
import type { BackendRefSpec } from "./backend-ref.ts";
import type { Draft } from "./draft.ts";
import { type Drafts, type RouteDraft, routeDrafts } from "./drafts.ts";
import { keyNames, type RateLimitSpec } from "./rate-limit.ts";
import type { SheddingSpec } from "./shedding.ts";
import { targetOf } from "./target.ts";

export function checkRateLimitReferences(drafts: Drafts): void {
  checkTwins(drafts.RateLimit);
  for (const draft of drafts.RateLimit) {
    checkTenants(draft, drafts.Shedding);
    checkSplits(draft, drafts);
    warnOfStripped(draft, drafts.Shedding);
  }
}

/** The header that says whose a request is, by the Shedding of the same target. */
export function tenantHeaderOf(
  limit: Draft<RateLimitSpec>,
  sheddings: readonly Draft<SheddingSpec>[],
): string | undefined {
  const wanted = targetKey(limit);
  return sheddings.find((shedding) => targetKey(shedding) === wanted)?.spec.tenant?.header;
}

function targetKey(draft: Draft<SheddingSpec> | Draft<RateLimitSpec>): string | undefined {
  const target = targetOf(draft.spec);
  return target && `${target.kind} ${target.name}`;
}

function checkTwins(limits: readonly Draft<RateLimitSpec>[]): void {
  const taken = new Map<string, Draft<RateLimitSpec>>();
  for (const draft of limits) {
    const target = targetKey(draft);
    if (target === undefined || draft.isDamaged(["per"])) continue;
    const key = [target, ...keyNames(draft.spec).sort()].join("\n");
    const other = taken.get(key);
    if (other === undefined) taken.set(key, draft);
    else
      draft.wrong(
        "QM0214",
        ["per"],
        `RateLimit ${other.name} (${other.place}) counts ${target} by the same keys`,
      );
  }
}

function checkTenants(draft: Draft<RateLimitSpec>, sheddings: Drafts["Shedding"]): void {
  const index = draft.spec.per.indexOf("tenant");
  const target = targetKey(draft);
  if (index < 0 || target === undefined || tenantHeaderOf(draft, sheddings) !== undefined) return;
  const shedding = sheddings.find((other) => targetKey(other) === target);
  if (shedding?.isDamaged(["tenant"])) return;
  const message = `no Shedding of ${target} has a tenant; name the header instead, as in {header: x-tenant}`;
  draft.wrong("QM0215", ["per", index], message);
}

function warnOfStripped(draft: Draft<RateLimitSpec>, sheddings: Drafts["Shedding"]): void {
  const trusted = new Set(sheddings.flatMap(({ spec }) => spec.trust.map(({ header }) => header)));
  for (const [index, key] of draft.spec.per.entries()) {
    if (typeof key === "string" || !trusted.has(key.header)) continue;
    const message = `a gateway believes no client, so it strips ${key.header} from every request and all of them share one bucket`;
    draft.wrong("QM0904", ["per", index], message);
  }
}

function checkSplits(draft: Draft<RateLimitSpec>, drafts: Drafts): void {
  const target = targetOf(draft.spec);
  if (target?.kind !== "service") return;
  const limited = new Set(drafts.RateLimit.map(targetKey));
  for (const route of routeDrafts(drafts)) {
    if (limited.has(`route ${route.name}`)) continue;
    const rule = splitRule(route.spec, target.name);
    if (rule < 0) continue;
    const place = `spec.rules[${route.indexOf(["rules", rule])}] of route ${route.name} (${route.place})`;
    const message = `${place} also sends to other Services, and a limit holds whole rules; give ${target.name} a rule of its own or the route a RateLimit`;
    draft.wrong("QM0216", ["target", "service"], message);
  }
}

function splitRule({ rules }: RouteDraft["spec"], service: string): number {
  return rules.findIndex(({ backendRefs }) => {
    const services = new Set(backendRefs.map(serviceOf));
    return services.size > 1 && services.has(service);
  });
}

function serviceOf({ kind, name }: BackendRefSpec): string {
  return kind === "Service" ? name : (name.split(".", 1)[0] ?? name);
}
