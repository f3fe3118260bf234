import type { Automation } from "./intent/automation.ts";
import type { Gateway } from "./intent/gateway.ts";
import type { RateLimit } from "./intent/rate-limit.ts";
import type { Route } from "./intent/route.ts";
import type { Service } from "./intent/service.ts";
import type { Shedding } from "./intent/shedding.ts";

/**
 * Operator intent after parsing, validation and defaults: readonly, plain, ordered by name, independent of how many
 * files it came from. Durations are milliseconds, sizes counts, shares ratios in [0,1] unless a name says otherwise.
 */
export interface PolicySet extends Automation {
  /** SHA-256 of the canonical form, hex: equal intent, equal digest. */
  readonly digest: string;
  readonly gateways: readonly Gateway[];
  readonly httpRoutes: readonly Route[];
  readonly grpcRoutes: readonly Route[];
  readonly services: readonly Service[];
  readonly sheddings: readonly Shedding[];
  readonly rateLimits: readonly RateLimit[];
}
