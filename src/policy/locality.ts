import type { Locality } from "./intent/endpoint.ts";
import type { Service } from "./intent/service.ts";

/** `region/zone`, or the region alone where the zone is empty: as evidence, conditions and screens name it. */
export function nameOf({ region, zone }: Locality): string {
  return zone === "" ? region : `${region}/${zone}`;
}

/** Whether a written place, `region/zone` or `region`, takes a locality in. */
export function takesIn(place: string, { region, zone }: Locality): boolean {
  return place === region || place === nameOf({ region, zone });
}

/** Localities that take requests of a Service, with what their endpoints weigh together; in order of name. */
export function localitiesOf({
  versions,
}: Pick<Service, "versions">): readonly { readonly locality: Locality; readonly weight: number }[] {
  const found = new Map<string, { locality: Locality; weight: number }>();
  for (const { locality, weight, health } of versions.flatMap(({ endpoints }) => endpoints)) {
    if (locality === undefined || health === "draining" || health === "unhealthy") continue;
    const known = found.get(nameOf(locality));
    found.set(nameOf(locality), { locality, weight: (known?.weight ?? 0) + weight });
  }
  return [...found.values()].sort((a, b) => (nameOf(a.locality) < nameOf(b.locality) ? -1 : 1));
}
