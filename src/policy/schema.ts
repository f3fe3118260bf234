/**
 * JSON Schema (draft 2020-12) of documents, for editors: the same schemas that read them, so it cannot fall behind. It knows shapes
 * and ranges; rules between fields and references between documents are only in `parseIntent`.
 */
import { z } from "zod";
import { gatewaySpec } from "./gateway.ts";
import { grpcRouteSpec } from "./grpc-route.ts";
import { httpRouteSpec } from "./http-route.ts";
import { type Kind, supportedKinds } from "./kinds.ts";
import { metadata } from "./metadata.ts";
import { rateLimitSpec } from "./rate-limit.ts";
import { serviceSpec } from "./service.ts";
import { sheddingSpec } from "./shedding.ts";

const specs = {
  Gateway: gatewaySpec,
  HTTPRoute: httpRouteSpec,
  GRPCRoute: grpcRouteSpec,
  Service: serviceSpec,
  Shedding: sheddingSpec,
  RateLimit: rateLimitSpec,
} as const satisfies Record<Kind, z.ZodType>;

/** Fields at the root of a spec that a check asks for, so that one missing field does not hide the rest. */
const required: Readonly<Record<Kind, readonly string[]>> = {
  Gateway: ["gatewayClassName", "listeners"],
  HTTPRoute: ["parentRefs", "rules"],
  GRPCRoute: ["parentRefs", "rules"],
  Service: [],
  Shedding: ["target", "tiers"],
  RateLimit: ["target", "rate"],
};

type JsonSchema = Readonly<Record<string, unknown>>;

/** One schema that takes a document of any supported kind. */
export function intentSchema(): JsonSchema {
  const kinds = Object.keys(supportedKinds) as Kind[];
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Quantum Mesh intent",
    oneOf: kinds.map(kindSchema),
  };
}

function kindSchema(kind: Kind): JsonSchema {
  const spec = { ...toJson(specs[kind]), required: required[kind] };
  return {
    type: "object",
    properties: {
      apiVersion: { const: supportedKinds[kind] },
      kind: { const: kind },
      metadata: toJson(metadata),
      spec,
      status: {},
    },
    required: ["apiVersion", "kind", "metadata", "spec"],
    additionalProperties: false,
  };
}

function toJson(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: "input" });
  return json;
}
