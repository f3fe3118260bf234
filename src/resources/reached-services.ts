import type { Route } from "../policy/intent/route.ts";
import type { Service } from "../policy/intent/service.ts";
import type { Catalog } from "./catalog.ts";

/** Backends and mirrors of the routes, each once, by name. */
export function reachedServices(routes: readonly Route[], catalog: Catalog): Service[] {
  const services = new Set<Service>();
  for (const { backends, filters } of routes.flatMap((route) => route.rules)) {
    for (const { service } of backends) services.add(catalog.service(service));
    for (const filter of filters) {
      if (filter.kind === "mirror") services.add(catalog.service(filter.backend.service));
    }
  }
  return byName([...services]);
}

export function byName<T extends { readonly name: string }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}
