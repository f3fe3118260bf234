import type { AccessSample } from "./access-samples.ts";
import { type Arm, SLOW_MS } from "./evidence.ts";
import type { EvidenceLedger } from "./ledger.ts";

/**
 * Sampled requests as counts by tier and tenant, and as times by locality: a random sample, so what is concluded from it is
 * right, only later. What never reached an endpoint and is no failure (shed, limited, redirected) is not counted: it says
 * nothing of the service.
 */
export interface SampledService {
  readonly arm: Arm;
  /** Lower case; absent: its requests have no tenant. */
  readonly tenantHeader?: string;
  /** By `host:port` of the endpoints. */
  readonly localities: ReadonlyMap<string, string>;
}

/** A longer name is a caller's invention. */
const MOST_NAME = 128;

export class AccessCounts {
  constructor(
    private readonly ledger: EvidenceLedger,
    private readonly serviceOf: (cluster: string) => SampledService | undefined,
  ) {}

  observe(samples: readonly AccessSample[]): void {
    for (const sample of samples) {
      const found = this.serviceOf(sample.cluster);
      const isFailed = sample.status === 0 || sample.status >= 500;
      if (found === undefined || (sample.endpoint === "" && !isFailed)) continue;
      const { arm, tenantHeader, localities } = found;
      const { service } = arm;
      const slow = SLOW_MS.map((edge) => Number(sample.ms > edge));
      const whole = { requests: 1, errors: Number(isFailed), timed: 1, slow };
      const { tier } = sample;
      const tenant = tenantHeader === undefined ? undefined : sample.headers[tenantHeader];
      if (isName(tier)) this.ledger.observe({ service, tier }, whole);
      if (isName(tenant)) this.ledger.observe({ service, tenant }, whole);
      const locality = localities.get(sample.endpoint);
      if (locality !== undefined) {
        const times = { requests: 0, errors: 0, timed: 1, slow };
        this.ledger.observe({ service, locality }, times);
      }
      const tried = { requests: Math.max(1, sample.tries), errors: 0 };
      this.ledger.observe({ service, source: "access log" }, tried);
    }
  }
}

function isName(name: string | undefined): name is string {
  return name !== undefined && name !== "" && name.length <= MOST_NAME;
}
