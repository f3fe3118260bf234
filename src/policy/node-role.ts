import { didYouMean } from "./nearest.ts";
import type { PolicySet } from "./policy-set.ts";

/** Which part of the intent a node gets (`node.metadata.qmesh` of its bootstrap). */
export type NodeRole =
  | { readonly role: "gateway"; readonly name: string }
  | { readonly role: "sidecar"; readonly service: string };

/** `gateway/edge` or `sidecar/checkout`: how people and keys name what a node runs as. */
export function roleKey(role: NodeRole): string {
  return role.role === "gateway" ? `gateway/${role.name}` : `sidecar/${role.service}`;
}

/** Undefined for a text of any other form. */
export function parseRole(key: string): NodeRole | undefined {
  const [role, name, ...rest] = key.split("/");
  if (name === undefined || name === "" || rest.length > 0) return undefined;
  if (role === "gateway") return { role, name };
  return role === "sidecar" ? { role, service: name } : undefined;
}

/** Every role the intent has work for: its Gateways, then the Services that say how their sidecars are set up. */
export function rolesOf({ gateways, services }: PolicySet): NodeRole[] {
  return [
    ...gateways.map(({ name }) => ({ role: "gateway", name }) as const),
    ...services.flatMap(({ name, sidecar }) =>
      sidecar === undefined ? [] : [{ role: "sidecar", service: name } as const],
    ),
  ];
}

const keys = new WeakMap<PolicySet, ReadonlySet<string>>();

/** Why a node gets nothing: rest of a sentence about it. Undefined: it gets its part of the intent. */
export function roleFault(
  role: NodeRole | undefined,
  policySet: PolicySet | undefined,
): string | undefined {
  if (policySet === undefined) return undefined;
  if (role === undefined)
    return "does not say what it runs as (node.metadata.qmesh): qmesh bootstrap prints what does";
  const known = keys.get(policySet) ?? new Set(rolesOf(policySet).map(roleKey));
  keys.set(policySet, known);
  const key = roleKey(role);
  if (known.has(key)) return undefined;
  return `runs as ${key}, which the intent does not have${didYouMean(key, known)}`;
}
