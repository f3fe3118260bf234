import type { Evidence } from "../../evidence/evidence.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import type { ReportRow } from "../view/report.ts";

/**
 * M8: what one request costs. A signal whose name begins with `cost.` and whose newest value has the label `service` says
 * what that service costs an hour. A late bill, and a service without requests, is unknown and never zero.
 */
const WINDOW_SECONDS = 300;

export function costRows({ adapters }: PolicySet, evidence: Evidence): ReportRow[] {
  const names = adapters
    .flatMap((each) =>
      each.kind === "signals"
        ? each.signals.map(({ name }) => name)
        : each.kind === "prometheus"
          ? each.queries.map(({ signal }) => signal)
          : [],
    )
    .filter((name) => name.startsWith("cost."));
  return names.flatMap((name) => {
    const reading = evidence.signal(name);
    const service = reading?.labels.service;
    if (reading === undefined || service === undefined) return [];
    const { requests, seconds } = evidence.countsOf({ service }, WINDOW_SECONDS);
    const isKnown = reading.state === "ok" && reading.value !== undefined && requests > 0;
    const perRequest = isKnown ? (reading.value ?? 0) / 3600 / (requests / seconds) : null;
    const unit = reading.labels.currency ?? "1";
    return [
      {
        ...{ name: service, value: perRequest, unit, samples: requests },
        window: `${WINDOW_SECONDS / 60} min`,
      },
    ];
  });
}
