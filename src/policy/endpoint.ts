/** One endpoint of a version: `127.0.0.1:9001`, or the same with a locality and a weight among its neighbours. */
import { z } from "zod";
import { endpointAddress } from "./address.ts";
import { fields } from "./fields.ts";
import type { Endpoint } from "./policy-set.ts";

const place = z.string().min(1).max(63);

const locality = fields({ region: place, zone: place.default("") }, { subZone: "sub-zones are" });

export const endpoint = z.union([
  endpointAddress,
  fields({
    address: endpointAddress,
    locality: locality.exactOptional(),
    /** Envoy takes 1..128 times the least; the bound keeps sums far from 32 bits. */
    weight: z.int().min(1).max(10_000).default(1),
  }),
]);

type EndpointSpec = z.output<typeof endpoint>;

export function toEndpoint(spec: EndpointSpec): Endpoint {
  if ("host" in spec) return { ...spec, weight: 1 };
  const { address, locality, weight } = spec;
  return { ...address, ...(locality !== undefined && { locality }), weight };
}
