import type { Draft } from "../draft.ts";
import type { Kind } from "../kinds.ts";
import { didYouMeanOneOf } from "../nearest.ts";
import type { Path } from "../path.ts";
import { type ActionSpec, kindsOf } from "./action.ts";
import { suspectSpecs } from "./deny.ts";
import type { Referents } from "./referents.ts";

interface Written {
  readonly action: ActionSpec;
  readonly path: Path;
}

export function checkActionReferences(
  draft: Draft<unknown>,
  { action, path }: Written,
  referents: Referents,
): void {
  for (const named of namesIn(action)) {
    referents.checkName(draft, named.kind, { name: named.name, path: [...path, ...named.path] });
  }
  for (const [index, tier] of (action.rateLimit?.tiers ?? []).entries()) {
    referents.checkTier(draft, tier, [...path, "rateLimit", "tiers", index]);
  }
  const { service = "", weights = {} } = action.weights ?? {};
  for (const version of Object.keys(weights)) {
    const at = [...path, "weights", "weights", version];
    referents.checkVersion(draft, { service, version, path: at });
  }
  checkClaims(draft, { action, path }, referents);
  checkCertified(draft, { action, path }, referents);
  checkShedTiers(draft, { action, path }, referents);
}

function namesIn(action: ActionSpec): { kind: Kind; name: string | undefined; path: Path }[] {
  const services = kindsOf(action).map((form) => ({
    kind: "Service" as const,
    name: serviceIn(action[form]),
    path: [form, "service"],
  }));
  return [
    ...services,
    { kind: "Rollout", name: action.rollback?.rollout, path: ["rollback", "rollout"] },
    { kind: "Shedding", name: action.shed?.shedding, path: ["shed", "shedding"] },
    { kind: "RateLimit", name: action.rateLimit?.name, path: ["rateLimit", "name"] },
    { kind: "Service", name: action.mirror?.to, path: ["mirror", "to"] },
    { kind: "Runbook", name: action.run, path: ["run"] },
  ];
}

function serviceIn(form: ActionSpec[keyof ActionSpec]): string | undefined {
  return typeof form === "object" && "service" in form ? form.service : undefined;
}

/** Claims are known of tokens alone, and tokens are believed only where an Identity says whose. */
function checkClaims(
  draft: Draft<unknown>,
  { action: { deny }, path }: Written,
  referents: Referents,
): void {
  const suspects = deny === undefined ? [] : suspectSpecs(deny);
  const asksClaim = suspects.some(({ claim, jti }) => claim !== undefined || jti !== undefined);
  if (!asksClaim || referents.drafts.Identity.length > 0 || referents.isAnyLost("Identity")) return;
  const message = "no Identity says whose tokens are believed, so no claim is known";
  draft.wrong("QM0217", [...path, "deny"], message);
}

/** A sidecar sees the certificates of its callers if its Service has them shown; a gateway asks no client for one. */
function checkCertified(
  draft: Draft<unknown>,
  { action: { deny }, path }: Written,
  { drafts }: Referents,
): void {
  if (deny === undefined || suspectSpecs(deny).every(({ principal }) => principal === undefined))
    return;
  const { service: name } = deny;
  const services = drafts.Service.filter((each) => name === undefined || each.name === name);
  const isShown = services.some((each) => {
    const { tls } = each.spec;
    return (tls !== undefined && tls.mode !== "simple") || each.isDamaged(["tls"]);
  });
  if (isShown || services.length === 0) return;
  const where = name === undefined ? "no Service has tls" : `Service ${name} has no tls`;
  const message = `${where}, so no caller shows a certificate and nobody is denied by it; a gateway asks no client for one`;
  draft.wrong("QM0913", [...path, "deny"], message);
}

function checkShedTiers(
  draft: Draft<unknown>,
  { action: { shed }, path }: Written,
  { drafts }: Referents,
): void {
  const shedding = drafts.Shedding.find(({ name }) => name === shed?.shedding);
  if (shed === undefined || shedding === undefined || shedding.hasLost(["tiers"])) return;
  const names = shedding.spec.tiers.map(({ name }) => name);
  for (const tier of Object.keys(shed.tiers).filter((name) => !names.includes(name))) {
    const hint = didYouMeanOneOf(tier, names, "tiers");
    const message = `Shedding ${shedding.name} has no tier ${tier}${hint}`;
    draft.wrong("QM0217", [...path, "shed", "tiers", tier], message);
  }
}
