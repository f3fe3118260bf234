import type { Arm } from "./evidence.ts";
import type { EvidenceLedger } from "./ledger.ts";
import type { LoadReport } from "./load-reports.ts";
import type { Witnesses } from "./witnesses.ts";

/**
 * Load reports as counts by locality: what was tried there since the report before, and what of it failed. Envoy's own
 * statistics know localities only by the name of a zone, and only where the Envoy says its own; load reports know region
 * and zone everywhere, and are no counters that a push could start anew.
 */
/** Beyond it a report is no account of a second or two. */
const MOST_REQUESTS = 1e9;

export interface LoadCountsOptions {
  readonly ledger: EvidenceLedger;
  readonly witnesses: Witnesses;
  readonly armOf: (cluster: string) => Arm | undefined;
}

export class LoadCounts {
  constructor(private readonly options: LoadCountsOptions) {}

  observe(node: string, { loads }: Pick<LoadReport, "loads">): void {
    const { ledger, witnesses, armOf } = this.options;
    witnesses.hear(node, "load reports", ledger.tick);
    for (const { cluster, region, zone, issued, succeeded, failed } of loads) {
      const arm = armOf(cluster);
      if (arm === undefined) continue;
      const isCount = [issued, succeeded, failed].every((n) => n >= 0 && n <= MOST_REQUESTS);
      if (!isCount) continue;
      const { service } = arm;
      witnesses.count(node, "load reports", service, issued);
      ledger.observe({ service, source: "load reports" }, { requests: issued, errors: 0 });
      if (!witnesses.isTrusted(node) || (region === "" && zone === "")) continue;
      const locality = localityName(region, zone);
      ledger.observe({ service, locality }, { requests: succeeded + failed, errors: failed });
    }
  }
}

/** `region/zone`, as conditions and screens name it. */
export function localityName(region: string, zone: string): string {
  return zone === "" ? region : `${region}/${zone}`;
}
