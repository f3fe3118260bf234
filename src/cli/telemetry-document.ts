import type { StatusDocument } from "../api/status-document.ts";
import type { Arm, Evidence } from "../evidence/evidence.ts";
import { disagreementsOf } from "../evidence/sample-check.ts";

/** How fresh what the engine judges by is, for `/status`. */
export function telemetryDocument(
  evidence: Evidence,
  refused: number,
): NonNullable<StatusDocument["telemetry"]> {
  return {
    services: evidence.services.map((service) => ({
      service,
      ...freshness(evidence, { service }),
      sources: evidence.partsOf(service, "source").map((source) => ({
        source,
        ...freshness(evidence, { service, source }),
      })),
    })),
    signals: evidence.signals.flatMap((name) => {
      const reading = evidence.signal(name);
      if (reading === undefined) return [];
      const { state, value } = reading;
      const known = value === undefined ? {} : { value };
      return [{ name, state, ...finiteAge(reading.ageSeconds), ...known }];
    }),
    disagreements: evidence.services.flatMap((service) =>
      (disagreementsOf(evidence, service) ?? []).map(({ what }) => what),
    ),
    refused,
  };
}

function freshness(evidence: Evidence, arm: Arm) {
  const { state, ageSeconds } = evidence.stateOf(arm);
  return { state, ...finiteAge(ageSeconds) };
}

/** JSON has no infinity. */
function finiteAge(ageSeconds: number): { readonly ageSeconds?: number } {
  return Number.isFinite(ageSeconds) ? { ageSeconds } : {};
}
