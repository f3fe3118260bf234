import type { PolicyAction, Suspect } from "../../policy/intent/action.ts";
import type { PolicyGuard } from "../../policy/intent/policy.ts";
import { suspectsOf } from "../act/action.ts";
import type { GuardVerdict } from "../record.ts";

/** What a Policy's own guard says of whom it would deny: never the exempt, never more than so many at once. */
export function denialGuards(guard: PolicyGuard, action: PolicyAction): readonly GuardVerdict[] {
  if (action.kind !== "deny") return [];
  const suspects = suspectsOf(action);
  const names = suspects.flatMap(namesOf);
  const spared = names.find((name) => guard.exempt.some((pattern) => covers(pattern, name)));
  const verdicts: GuardVerdict[] = [];
  if (guard.exempt.length > 0) {
    const text = spared === undefined ? "nobody exempt is named" : `${spared} is exempt`;
    verdicts.push({ name: "exempt", passed: spared === undefined, text });
  }
  if (guard.maxPrincipals !== undefined) {
    const count = suspects.reduce((sum, each) => sum + countOf(each), 0);
    const passed = count <= guard.maxPrincipals;
    const text = `it may deny ${guard.maxPrincipals}, and would deny ${count}, address by address`;
    verdicts.push({ name: "maxPrincipals", passed, text });
  }
  return verdicts;
}

/** What the guard says of the action itself, so that it holds wherever it is laid: whom it spares, how far it may go. */
export function guarded(
  action: PolicyAction | undefined,
  { exempt, floor }: PolicyGuard,
): PolicyAction | undefined {
  if (action?.kind === "deny" && exempt.length > 0) return { ...action, exempt };
  if (action?.kind !== "rateLimit") return action;
  const tiers = action.tiers.length > 0 ? action.tiers : Object.keys(floor);
  const leastFactor = Math.max(0, ...tiers.map((tier) => floor[tier] ?? 0));
  return leastFactor > 0 ? { ...action, leastFactor } : action;
}

function namesOf({ principal, claim, header }: Suspect): readonly string[] {
  return [principal, claim?.value, header?.value].filter((name) => name !== undefined);
}

/** Beside a name, a range only narrows it. */
function countOf(suspect: Suspect): number {
  return namesOf(suspect).length > 0 ? 1 : addressesIn(suspect.cidr);
}

function covers(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function addressesIn(cidr: string | undefined): number {
  if (cidr === undefined) return 1;
  const [address = "", bits] = cidr.split("/");
  const whole = address.includes(":") ? 128 : 32;
  return 2 ** (whole - Number(bits ?? whole));
}
