import type { NodeRole } from "../policy/node-role.ts";
import { parseRole, roleKey, rolesOf } from "../policy/node-role.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import { EXIT, Failure } from "./exit-code.ts";

/**
 * The role asked for as `gateway/edge` or `sidecar/checkout`; without a wish the only one there is, or the only Gateway. A
 * Failure says what there is to choose from.
 */
export function chooseNode(policySet: PolicySet, asked: string | undefined): NodeRole {
  const roles = rolesOf(policySet);
  const keys = roles.map(roleKey).join(", ") || "none";
  if (asked === undefined) {
    const gateways = roles.filter(({ role }) => role === "gateway");
    const [only, ...others] = gateways.length === 0 ? roles : gateways;
    if (only !== undefined && others.length === 0) return only;
    throw new Failure(
      `the intent is for several nodes (${keys}): choose one with --node.`,
      EXIT.usage,
    );
  }
  const wanted = parseRole(asked);
  if (wanted === undefined) {
    const form = "gateway/NAME or sidecar/SERVICE";
    throw new Failure(`${asked} is no node; write ${form}; there is ${keys}.`, EXIT.usage);
  }
  const found = roles.find((role) => roleKey(role) === asked);
  if (found !== undefined) return found;
  throw new Failure(`no node ${asked} in the intent; there is ${keys}.`, EXIT.usage);
}
