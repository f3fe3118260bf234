import type { Drafts } from "../drafts.ts";
import { nameOf, takesIn } from "../locality.ts";
import { didYouMeanOneOf } from "../nearest.ts";
import type { ServiceSpec } from "../service.ts";

/** A shift leaves a place that its Service has, where that is written in the documents and not in a file beside them. */
export function checkShiftReferences({ Policy, Service }: Drafts): void {
  for (const draft of Policy) {
    for (const [index, { shift }] of draft.spec.then.entries()) {
      const service = Service.find(({ name }) => name === shift?.service);
      if (shift === undefined || service === undefined) continue;
      if (service.hasLost(["endpoints"]) || service.hasLost(["versions"])) continue;
      const places = placesOf(service.spec);
      if (places === undefined || places.some((each) => takesIn(shift.from, each))) continue;
      const names = [...new Set(places.map(nameOf))].sort();
      const hint = didYouMeanOneOf(shift.from, names, "localities");
      const message = `no endpoint of Service ${shift.service} is in ${shift.from}${hint}`;
      draft.wrong("QM0217", ["then", index, "shift", "from"], message);
    }
  }
}

/** Undefined: not all of them are written here. */
function placesOf({ versions, endpoints, file }: ServiceSpec) {
  const sources = versions === undefined ? [{ endpoints, file }] : Object.values(versions);
  if (sources.some((each) => each.file !== undefined)) return undefined;
  return sources
    .flatMap((each) => each.endpoints ?? [])
    .flatMap((each) => ("locality" in each && each.locality !== undefined ? [each.locality] : []));
}
