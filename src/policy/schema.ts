/**
 * JSON Schema (draft 2020-12) of documents, for editors: the same schemas that read them, so it cannot fall behind. It knows shapes
 * and ranges; rules between fields and references between documents are only in `parseIntent`.
 */
import { z } from "zod";
import { adapterSpec } from "./automation/adapter.ts";
import { alertConditionSpec, alertPolicySpec, alertTargetSpec } from "./automation/alert.ts";
import { guardrailSpec } from "./automation/guardrail.ts";
import { identitySpec } from "./automation/identity.ts";
import { maintenanceSpec } from "./automation/maintenance.ts";
import { overrideSpec } from "./automation/override.ts";
import { policySpec } from "./automation/policy.ts";
import { rolloutSpec } from "./automation/rollout.ts";
import { runbookSpec } from "./automation/runbook.ts";
import { sloSpec } from "./automation/slo.ts";
import { gatewaySpec } from "./gateway.ts";
import { grpcRouteSpec } from "./grpc-route.ts";
import { httpRouteSpec } from "./http-route.ts";
import { type Kind, supportedKinds } from "./kinds.ts";
import { metadataOf } from "./metadata.ts";
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
  SLO: sloSpec,
  AlertPolicy: alertPolicySpec,
  AlertCondition: alertConditionSpec,
  AlertNotificationTarget: alertTargetSpec,
  Policy: policySpec,
  Rollout: rolloutSpec,
  Guardrail: guardrailSpec,
  Override: overrideSpec,
  Maintenance: maintenanceSpec,
  Adapter: adapterSpec,
  Identity: identitySpec,
  Runbook: runbookSpec,
} as const satisfies Record<Kind, z.ZodType>;

/** Fields at the root of a spec that a check asks for, so that one missing field does not hide the rest. */
const required: Readonly<Record<Kind, readonly string[]>> = {
  Gateway: ["gatewayClassName", "listeners"],
  HTTPRoute: ["parentRefs", "rules"],
  GRPCRoute: ["parentRefs", "rules"],
  Service: [],
  Shedding: ["target", "tiers"],
  RateLimit: ["target", "rate"],
  SLO: ["service", "budgetingMethod", "timeWindow", "objectives", "indicator"],
  AlertPolicy: ["conditions", "notificationTargets"],
  AlertCondition: ["severity", "condition"],
  AlertNotificationTarget: ["target"],
  Policy: ["when", "then"],
  Rollout: ["service", "versions", "steps"],
  Guardrail: ["forbid"],
  Override: ["set", "ttl", "reason"],
  Maintenance: ["when"],
  Runbook: ["steps"],
  Adapter: ["type"],
  Identity: ["issuer", "audiences", "jwks"],
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
      metadata: toJson(metadataOf(kind)),
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
