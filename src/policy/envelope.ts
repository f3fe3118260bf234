/**
 * The outside of a document: kind, apiVersion, metadata, and nothing else but `spec` (and the `status` of an export, which is
 * ignored). What is inside is read by the schema of the kind; from here on a document is a draft.
 */
import type { z } from "zod";
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
import { Draft } from "./draft.ts";
import type { Drafts } from "./drafts.ts";
import { gatewaySpec } from "./gateway.ts";
import { grpcRouteSpec } from "./grpc-route.ts";
import { httpRouteSpec } from "./http-route.ts";
import { apiVersionFault, isSupported, type Kind, kindFault } from "./kinds.ts";
import { type Reading, readLenient } from "./lenient.ts";
import { type Metadata, metadataOf, OWNER_ANNOTATION } from "./metadata.ts";
import { didYouMean } from "./nearest.ts";
import { type Path, valueAt } from "./path.ts";
import { isProblemCode } from "./problem-codes.ts";
import { rateLimitSpec } from "./rate-limit.ts";
import type { Report } from "./report.ts";
import { serviceSpec } from "./service.ts";
import { sheddingSpec } from "./shedding.ts";
import { show } from "./show.ts";
import { isMapping, type SourceDocument } from "./source.ts";

export function readDrafts(documents: readonly SourceDocument[], report: Report): Drafts {
  const ofKind = (kind: Kind) =>
    documents.filter(({ root }) => root.kind === kind).sort(compareByName);
  for (const document of documents) checkEnvelope(document, report);
  const drafts = <Spec>(kind: Kind, schema: z.ZodType<Spec>) =>
    ofKind(kind).flatMap((source) => readDraft(source, schema, report));
  return {
    Gateway: drafts("Gateway", gatewaySpec),
    HTTPRoute: drafts("HTTPRoute", httpRouteSpec),
    GRPCRoute: drafts("GRPCRoute", grpcRouteSpec),
    Service: drafts("Service", serviceSpec),
    Shedding: drafts("Shedding", sheddingSpec),
    RateLimit: drafts("RateLimit", rateLimitSpec),
    SLO: drafts("SLO", sloSpec),
    AlertPolicy: drafts("AlertPolicy", alertPolicySpec),
    AlertCondition: drafts("AlertCondition", alertConditionSpec),
    AlertNotificationTarget: drafts("AlertNotificationTarget", alertTargetSpec),
    Policy: drafts("Policy", policySpec),
    Rollout: drafts("Rollout", rolloutSpec),
    Guardrail: drafts("Guardrail", guardrailSpec),
    Override: drafts("Override", overrideSpec),
    Maintenance: drafts("Maintenance", maintenanceSpec),
    Adapter: drafts("Adapter", adapterSpec),
    Identity: drafts("Identity", identitySpec),
    Runbook: drafts("Runbook", runbookSpec),
  };
}

const PARTS = ["apiVersion", "kind", "metadata", "spec", "status"];

function checkEnvelope(source: SourceDocument, report: Report): void {
  const { kind, apiVersion } = source.root;
  const wrong = (path: Path, fault: string) => report.add(source, toFault(path, fault));
  for (const key of Object.keys(source.root)) {
    if (!PARTS.includes(key)) wrong([key], `QM0008 unknown field${didYouMean(key, PARTS)}`);
  }
  if (kind === undefined) wrong(["kind"], "QM0007 missing");
  else if (typeof kind !== "string") wrong(["kind"], `QM0006 ${show(kind)} is not a string`);
  else if (!isSupported(kind)) wrong(["kind"], kindFault(kind));
  else {
    const fault = apiVersionFault(kind, apiVersion);
    if (fault !== undefined) wrong(["apiVersion"], fault);
    if (!isMapping(source.root.spec)) wrong(["spec"], missingMapping(source.root.spec));
    if (!isMapping(source.root.metadata)) {
      wrong(["metadata"], missingMapping(source.root.metadata));
    }
    checkOwner(source, kind, report);
  }
}

function missingMapping(value: unknown): string {
  return value === undefined ? "QM0007 missing" : `QM0006 ${show(value)} is not a mapping`;
}

const MUST_OWN: readonly Kind[] = [
  "Shedding",
  "RateLimit",
  "Policy",
  "Rollout",
  "Guardrail",
  "Runbook",
];
const SHOULD_OWN: readonly Kind[] = ["Service", "SLO", "Maintenance", "Adapter", "Identity"];

/** Whoever sheds or limits somebody's requests must be known; for what only describes, it is good manners. */
function checkOwner(source: SourceDocument, kind: Kind, report: Report): void {
  const told = [
    ["metadata", "owner"],
    ["metadata", "annotations", OWNER_ANNOTATION],
  ].some((path) => valueAt(source.root, path) !== undefined);
  if (told || !isMapping(source.root.metadata)) return;
  const path = ["metadata", "owner"];
  if (MUST_OWN.includes(kind)) {
    report.add(source, { code: "QM0117", path, message: `missing; a ${kind} says who owns it` });
  } else if (SHOULD_OWN.includes(kind)) {
    report.add(source, { code: "QM0901", path, message: `missing; say who owns this ${kind}` });
  }
}

/** A document without mappings for metadata and spec has been reported and has nothing to check. */
function readDraft<Spec>(
  source: SourceDocument,
  schema: z.ZodType<Spec>,
  report: Report,
): Draft<Spec>[] {
  const { metadata: written, spec } = source.root;
  const about = isMapping(written)
    ? readPart("metadata", metadataOf(source.root.kind), { source, report })
    : undefined;
  if (!isMapping(spec)) return [];
  const reading = readPart("spec", schema, { source, report });
  if (reading.value === undefined) return [];
  return [
    new Draft({
      source,
      metadata: about?.value ?? unnamed(written),
      spec: reading.value,
      reading: { ...reading, value: reading.value },
      report,
    }),
  ];
}

function readPart<Value>(
  part: "metadata" | "spec",
  schema: z.ZodType<Value>,
  { source, report }: { source: SourceDocument; report: Report },
): Reading<Value> {
  const reading = readLenient(schema, source.root[part]);
  for (const { code, path, message } of reading.findings) {
    report.add(source, { code, path: [part, ...path], message });
  }
  return reading;
}

/** Metadata whose name is no name; what was meant still tells it from others. */
function unnamed(written: unknown): Metadata {
  const name = valueAt(written, ["name"]);
  return { name: typeof name === "string" ? name : "", labels: {}, annotations: {} };
}

function toFault(path: Path, fault: string) {
  const code = fault.slice(0, 6);
  if (!isProblemCode(code)) throw new Error(`invariant: no code in ${fault}`);
  return { code, path, message: fault.slice(7) };
}

function compareByName(a: SourceDocument, b: SourceDocument): number {
  return a.document < b.document ? -1 : Number(a.document > b.document);
}
