import type { PolicyAction, PolicyGuard } from "../../policy/automation.ts";
import type { GuardVerdict } from "../record.ts";

/** What a Policy's own guard says of whom it would deny: never the exempt, never more than so many at once. */
export function denialGuards(guard: PolicyGuard, action: PolicyAction): readonly GuardVerdict[] {
  if (action.kind !== "deny") return [];
  const { principal, claim, header, cidr } = action;
  const names = [principal, claim?.value, header?.value].filter((name) => name !== undefined);
  const spared = names.find((name) => guard.exempt.some((pattern) => covers(pattern, name)));
  const verdicts: GuardVerdict[] = [];
  if (guard.exempt.length > 0) {
    const text = spared === undefined ? "nobody exempt is named" : `${spared} is exempt`;
    verdicts.push({ name: "exempt", passed: spared === undefined, text });
  }
  if (guard.maxPrincipals !== undefined) {
    // Beside another name, a range only narrows it.
    const count = names.length > 0 ? 1 : addressesIn(cidr);
    const passed = count <= guard.maxPrincipals;
    const text = `it may deny ${guard.maxPrincipals}, and would deny ${names.length > 0 ? "1" : `${count} addresses`}`;
    verdicts.push({ name: "maxPrincipals", passed, text });
  }
  return verdicts;
}

/** A denial names whom it spares, so that a range or a header cannot take them along. */
export function withExempt(
  action: PolicyAction | undefined,
  { exempt }: PolicyGuard,
): PolicyAction | undefined {
  return action?.kind === "deny" && exempt.length > 0 ? { ...action, exempt } : action;
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
