import type { SampledService } from "./access-counts.ts";
import type { AccessSample } from "./access-samples.ts";
import { RecentMap } from "./recent-map.ts";
import { Rings } from "./rings.ts";

/**
 * Sampled requests that a filter shed, by service and tenant, for people who ask whom it hit: what never reached a service is no
 * evidence of it. One sample stands for a hundred requests. Time comes with every call, as whole seconds.
 */
const MOST_SERVICES = 1024;
const MOST_TENANTS = 64;
const MOST_NAME = 128;
const MINUTE = 60;
const SAMPLED_RATIO = 0.01;

export class ShedSamples {
  readonly #services = new RecentMap(
    MOST_SERVICES,
    () => new RecentMap(MOST_TENANTS, () => new Rings(1, [{ seconds: 1, slots: 2 * MINUTE }])),
  );

  /** `serviceOf`: of a value of `xds.route_name`. */
  constructor(private readonly serviceOf: (route: string) => SampledService | undefined) {}

  observe(second: number, samples: readonly AccessSample[]): void {
    for (const { isShed, route, headers } of samples) {
      if (isShed !== true || route === undefined) continue;
      const { arm, tenantHeader = "" } = this.serviceOf(route) ?? {};
      const tenant = headers[tenantHeader];
      if (arm === undefined || tenant === undefined || tenant.length > MOST_NAME) continue;
      this.#services.of(arm.service).of(tenant).add(second, [1]);
    }
  }

  /** Requests a second by tenant, over the last minute; without those of whom none was shed. */
  rates(service: string, second: number): ReadonlyMap<string, number> {
    const rates = new Map<string, number>();
    for (const [tenant, rings] of this.#services.get(service)?.sorted() ?? []) {
      const sum = [0];
      rings.sum(second, MINUTE, sum);
      if (sum[0] !== undefined && sum[0] > 0) rates.set(tenant, sum[0] / SAMPLED_RATIO / MINUTE);
    }
    return rates;
  }
}
