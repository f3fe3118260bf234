/**
 * One endpoint of a version: `127.0.0.1:9001`, or the same with a locality, a weight among its neighbours and a health, in Envoy's
 * words: `degraded` is used when the healthy ones do not suffice, `unhealthy` when nearly all are, `draining` finishes what
 * it has begun and gets nothing new.
 */
import { z } from "zod";
import { endpointAddress } from "./address.ts";
import { fields, oneOf } from "./fields.ts";
import type { Endpoint } from "./intent/endpoint.ts";

const place = z.string().min(1).max(63);

const locality = fields({ region: place, zone: place.default("") }, { subZone: "sub-zones are" });

export const endpoint = z.union([
  endpointAddress,
  fields({
    address: endpointAddress,
    locality: locality.exactOptional(),
    /** Envoy takes 1..128 times the least; the bound keeps sums far from 32 bits. */
    weight: z.int().min(1).max(10_000).default(1),
    health: oneOf(["healthy", "degraded", "unhealthy", "draining"]).default("healthy"),
  }),
]);

type EndpointSpec = z.output<typeof endpoint>;

export function toEndpoint(spec: EndpointSpec): Endpoint {
  if ("host" in spec) return { ...spec, weight: 1 };
  const { address, locality, weight, health } = spec;
  return {
    ...address,
    ...(locality !== undefined && { locality }),
    weight,
    ...(health !== "healthy" && { health }),
  };
}
