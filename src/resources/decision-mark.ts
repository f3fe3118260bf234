import type { JsonObject } from "./resource.ts";

/**
 * While a Policy's action touches a route, its responses name the decision (`x-qmesh-decision`), and so does the metadata
 * of the route (`qmesh`: `decision`), for access logs and for trace tags of kind route.
 */
export const DECISION_HEADER = "x-qmesh-decision";

/** `of`: what the route passes that a decision may have changed; the last that names one counts. `route`: what it has so far. */
export function decisionMark(
  of: readonly { readonly decision?: string }[],
  route: JsonObject,
): JsonObject {
  const decision = of.findLast((each) => each.decision !== undefined)?.decision;
  if (decision === undefined) return {};
  const { filter_metadata: metadata = {} } = (route.metadata ?? {}) as Record<string, JsonObject>;
  const written = (route.response_headers_to_add ?? []) as readonly JsonObject[];
  return {
    metadata: { filter_metadata: { ...metadata, qmesh: { decision } } },
    response_headers_to_add: [
      ...written,
      {
        header: { key: DECISION_HEADER, value: decision },
        append_action: "OVERWRITE_IF_EXISTS_OR_ADD",
      },
    ],
  };
}
