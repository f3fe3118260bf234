import { allRoutes } from "../policy/all-routes.ts";
import type { Service } from "../policy/intent/service.ts";
import type { NodeRole } from "../policy/node-role.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import {
  CLUSTER_TYPE,
  ENDPOINT_TYPE,
  EXTENSION_CONFIG_TYPE,
  ROUTE_TYPE,
  SECRET_TYPE,
} from "../proto/type-url.ts";
import { appName, authoritiesName, clusterNames, routeName, SHEDDING_FILTER } from "./names.ts";
import type { EnvoyResource, Json } from "./resource.ts";

/**
 * Which documents of the operator's one resource was made of, as `Kind/name`: for whoever has to mend what Envoy refused.
 * A resource says so itself, since names in it are made of names of the intent (`names.ts`).
 */
export function documentsOf(
  resource: EnvoyResource,
  policySet: PolicySet,
  role: NodeRole,
): readonly string[] {
  const found = findDocuments(resource, policySet);
  return found.length > 0 ? found : [roleDocument(role)];
}

/** None for what the role as a whole stands for: listeners, its own secrets, a filter without a policy. */
function findDocuments(
  { typeUrl, name, body }: EnvoyResource,
  policySet: PolicySet,
): readonly string[] {
  const { services, sheddings, rateLimits } = policySet;
  switch (typeUrl) {
    case CLUSTER_TYPE:
    case ENDPOINT_TYPE:
      return services.filter((service) => namesOf(service).includes(name)).map(serviceDocument);
    case ROUTE_TYPE: {
      const named = new Set(stringsIn(body));
      const documents = [...allRoutes(policySet).map(routeName), ...services.map(serviceDocument)];
      return documents.filter((document) => named.has(document));
    }
    case EXTENSION_CONFIG_TYPE:
      return name === SHEDDING_FILTER
        ? sheddings.map((each) => `Shedding/${each.name}`)
        : rateLimits.map((each) => `RateLimit/${each.name}`);
    case SECRET_TYPE:
      return services.filter((each) => authoritiesName(each.name) === name).map(serviceDocument);
    default:
      return [];
  }
}

/** The content of a document in the set; undefined if it is not there. */
export function contentOf(policySet: PolicySet, document: string): unknown {
  const { gateways, services, sheddings, rateLimits } = policySet;
  const all: readonly (readonly [string, unknown])[] = [
    ...gateways.map((each) => [`Gateway/${each.name}`, each] as const),
    ...allRoutes(policySet).map((each) => [routeName(each), each] as const),
    ...services.map((each) => [serviceDocument(each), each] as const),
    ...sheddings.map((each) => [`Shedding/${each.name}`, each] as const),
    ...rateLimits.map((each) => [`RateLimit/${each.name}`, each] as const),
  ];
  return all.find(([label]) => label === document)?.[1];
}

function roleDocument(role: NodeRole): string {
  return role.role === "gateway" ? `Gateway/${role.name}` : `Service/${role.service}`;
}

function serviceDocument({ name }: Service): string {
  return `Service/${name}`;
}

function namesOf(service: Service): string[] {
  return [...clusterNames(service), appName(service.name)];
}

function* stringsIn(json: Json | undefined): Generator<string> {
  if (typeof json === "string") yield json;
  if (json === null || typeof json !== "object") return;
  for (const child of Object.values(json) as Json[]) yield* stringsIn(child);
}
