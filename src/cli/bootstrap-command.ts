import type { Address } from "./address.ts";
import { buildBootstrap } from "./bootstrap.ts";
import { EXIT, Failure } from "./exit-code.ts";
import { printStructured } from "./output.ts";

/** `qmesh bootstrap`: a complete bootstrap for one Envoy, as JSON on stdout. */
export function printBootstrap(options: {
  gateway?: string;
  service?: string;
  id: string;
  xds: Address;
  rateLimit: Address;
  admin: number;
}): number {
  const { id, xds, rateLimit, admin } = options;
  const role = roleOf(options);
  printStructured(buildBootstrap({ id, role, xds, rateLimit, admin: { port: admin } }), "json");
  return EXIT.fine;
}

function roleOf({ gateway, service }: { gateway?: string; service?: string }) {
  if (gateway !== undefined && service === undefined) {
    return { role: "gateway", name: gateway } as const;
  }
  if (service !== undefined && gateway === undefined) return { role: "sidecar", service } as const;
  throw new Failure("name what this Envoy runs as: --gateway NAME or --service NAME.", EXIT.usage);
}
