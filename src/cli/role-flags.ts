import type { NodeRole } from "../policy/node-role.ts";
import { EXIT, Failure } from "./exit-code.ts";

/** `--gateway NAME` or `--service NAME`: what an Envoy runs as. */
export interface RoleFlags {
  readonly gateway?: string;
  readonly service?: string;
}

/** Throws a Failure unless there is exactly one of them. */
export function roleOf({ gateway, service }: RoleFlags): NodeRole {
  if (gateway !== undefined && service === undefined) return { role: "gateway", name: gateway };
  if (service !== undefined && gateway === undefined) return { role: "sidecar", service };
  throw new Failure("name what this Envoy runs as: --gateway NAME or --service NAME.", EXIT.usage);
}
