import type { Draft } from "../draft.ts";
import { didYouMean } from "../nearest.ts";
import type { Referents } from "./referents.ts";
import { alertPoliciesOf, type SloSpec, tierOf } from "./slo.ts";

const SOURCE = ["indicator", "spec", "ratioMetric", "good", "metricSource"];

export function checkSloReferences(draft: Draft<SloSpec>, referents: Referents): void {
  referents.checkName(draft, "Service", { name: draft.spec.service, path: ["service"] });
  for (const [index, name] of alertPoliciesOf(draft.spec).entries()) {
    referents.checkName(draft, "AlertPolicy", { name, path: ["alertPolicies", index] });
  }
  const tier = tierOf(draft.spec);
  if (tier !== undefined) referents.checkTier(draft, tier, [...SOURCE, "spec", "tier"]);
  checkSource(draft, referents);
}

/** A server to ask: the Adapter that is named, or the only one there is. */
function checkSource(draft: Draft<SloSpec>, referents: Referents): void {
  const source = draft.spec.indicator?.spec.ratioMetric.good.metricSource;
  if (source === undefined || source.type === "mesh") return;
  const { metricSourceRef: name } = source;
  const servers = referents.drafts.Adapter.filter(({ spec }) => spec.type === "prometheus");
  const names = servers.map((server) => server.name);
  const path = [...SOURCE, "metricSourceRef"];
  if (name === undefined) {
    if (names.length === 1 || referents.areSignalsLost()) return;
    const which = names.length === 0 ? "there is none" : `there are ${names.join(", ")}`;
    draft.wrong("QM0217", path, `missing; name the Adapter of type prometheus, ${which}`);
  } else if (!names.includes(name)) {
    const hint = didYouMean(name, names);
    draft.wrong("QM0217", path, `there is no Adapter ${name} of type prometheus${hint}`);
  }
}
