import type { Locality } from "../policy/intent/endpoint.ts";
import type { Address } from "./address.ts";
import { buildBootstrap } from "./bootstrap.ts";
import { EXIT } from "./exit-code.ts";
import { prepareNodeTls } from "./node-tls.ts";
import { printStructured } from "./output.ts";
import { type RoleFlags, roleOf } from "./role-flags.ts";

/** `qmesh bootstrap`: a complete bootstrap for one Envoy, as JSON on stdout. */
export function printBootstrap(
  options: RoleFlags & {
    id: string;
    xds: Address;
    rateLimit: Address;
    admin: number;
    certs?: string;
    locality?: Locality;
  },
): number {
  const { id, xds, rateLimit, admin, certs, locality } = options;
  const role = roleOf(options);
  const tls = certs === undefined ? {} : { tls: prepareNodeTls(certs, { id, role }) };
  const bootstrap = buildBootstrap({
    ...{ id, role, xds, rateLimit, admin: { port: admin }, ...tls },
    ...(locality !== undefined && { locality }),
  });
  printStructured(bootstrap, "json");
  return EXIT.fine;
}
