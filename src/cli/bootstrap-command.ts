import type { Address } from "./address.ts";
import { buildBootstrap } from "./bootstrap.ts";
import { EXIT } from "./exit-code.ts";
import { printStructured } from "./output.ts";

/** `qmesh bootstrap`: a complete bootstrap for one Envoy, as JSON on stdout. */
export function printBootstrap(options: {
  gateway: string;
  id: string;
  xds: Address;
  rateLimit: Address;
  admin: number;
}): number {
  const { gateway, id, xds, rateLimit, admin } = options;
  const role = { role: "gateway", name: gateway } as const;
  printStructured(buildBootstrap({ id, role, xds, rateLimit, admin: { port: admin } }), "json");
  return EXIT.fine;
}
