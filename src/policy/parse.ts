/**
 * Operator intent, from the text of files to a `PolicySet`: read documents, read each by the schema of its kind, check it, check it
 * against the others, and only without an error make the set. Every stage goes on past what the one before refused, so all problems
 * come at once. Pure: reading a directory is the caller's.
 */
import { checkAutomation, checkAutomationTogether } from "./automation/check-automation.ts";
import { toAutomation } from "./automation/to-automation.ts";
import { type ReadBeside, readNothing } from "./beside-file.ts";
import { digestOf } from "./digest.ts";
import type { Draft } from "./draft.ts";
import type { Drafts } from "./drafts.ts";
import { readDrafts } from "./envelope.ts";
import { checkGateway, toGateway } from "./gateway.ts";
import { checkGrpcRoute, toGrpcRoute } from "./grpc-route.ts";
import { checkHttpRoute, toHttpRoute } from "./http-route.ts";
import type { Rate } from "./intent/rate.ts";
import { documentFiles } from "./intent-files.ts";
import { absentFrom } from "./known-names.ts";
import { ownerOf } from "./metadata.ts";
import type { PolicySet } from "./policy-set.ts";
import type { Problem } from "./problem.ts";
import { checkRateLimit, toRateLimit } from "./rate-limit.ts";
import { checkRateLimitReferences, tenantHeaderOf } from "./rate-limit-references.ts";
import { checkReferences } from "./references.ts";
import { compareText, Report } from "./report.ts";
import { checkService, toService } from "./service.ts";
import { checkShedding, toShedding } from "./shedding.ts";
import { type PolicyFile, readDocuments, type SourceDocument } from "./source.ts";

/** Where the documents of a set stand, by `Kind/name`; no part of the set. */
export type ParsedPlaces = ReadonlyMap<string, { readonly file: string; readonly line: number }>;

export type ParsedIntent =
  | {
      readonly ok: true;
      readonly value: PolicySet;
      readonly places: ParsedPlaces;
      readonly problems: readonly Problem[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Of an `ok` answer, `problems` are warnings; else they hold at least one error.
 * `checkMore`: what else may be wrong with documents.
 * `read`: gives the files that documents name; absent, such a document is at fault.
 */
export function parseIntent(
  files: readonly PolicyFile[],
  read: ReadBeside = readNothing,
  checkMore: (drafts: Drafts) => void = () => undefined,
): ParsedIntent {
  const report = new Report();
  const sources = readDocuments(documentFiles(files), report);
  const drafts = readDrafts(sources.documents, report);
  for (const draft of drafts.Gateway) checkGateway(draft, read);
  for (const draft of drafts.HTTPRoute) checkHttpRoute(draft);
  for (const draft of drafts.GRPCRoute) checkGrpcRoute(draft);
  for (const draft of drafts.Service) checkService(draft, read);
  const hasPolicies = drafts.Policy.length > 0;
  for (const draft of drafts.Shedding)
    checkShedding(draft, { hasPolicies, services: drafts.Service });
  for (const draft of drafts.RateLimit) checkRateLimit(draft, { hasPolicies });
  checkAutomation(drafts, read);
  checkMore(drafts);
  checkReferences(drafts, sources);
  checkRateLimitReferences(drafts);
  checkAutomationTogether(drafts, absentFrom(sources));
  warnOfNamespaces(Object.values(drafts).flat());
  const problems = report.sorted();
  if (problems.some(({ severity }) => severity === "error")) return { ok: false, problems };
  return { ok: true, value: toSet(drafts, read), places: placesOf(sources.documents), problems };
}

function placesOf(documents: readonly SourceDocument[]): ParsedPlaces {
  return new Map(
    documents.map(({ document, file, lineOf }) => [
      document,
      { file, line: lineOf(["metadata", "name"]) },
    ]),
  );
}

/** One namespace, or none, is one space of names; several are folded into one, and that must not go unsaid. */
function warnOfNamespaces(drafts: readonly Draft<unknown>[]): void {
  const used = new Set(drafts.map(({ metadata }) => metadata.namespace));
  if (used.size < 2) return;
  for (const draft of drafts) {
    const { namespace } = draft.metadata;
    if (namespace === undefined) continue;
    const message = `${JSON.stringify(namespace)} is ignored: the mesh has one space of names`;
    draft.wrongOutside("QM0903", ["metadata", "namespace"], message);
  }
}

function toSet(drafts: Drafts, read: ReadBeside): PolicySet {
  const content = {
    gateways: byName(drafts.Gateway.map((draft) => toGateway(draft, read))),
    httpRoutes: byName(drafts.HTTPRoute.map(toHttpRoute)),
    grpcRoutes: byName(drafts.GRPCRoute.map(toGrpcRoute)),
    services: byName(
      drafts.Service.map((draft) => toService(draft, ownerOf(draft.metadata), read)),
    ),
    sheddings: byName(
      // An owner is certain: without one the set has an error.
      drafts.Shedding.map((draft) => toShedding(draft, ownerOf(draft.metadata) ?? "")),
    ),
    rateLimits: byName(
      drafts.RateLimit.map((draft) =>
        toRateLimit(draft, ownerOf(draft.metadata) ?? "", tenantHeaderOf(draft, drafts.Shedding)),
      ),
    ),
    ...toAutomation(drafts, { read, minimumOf: (name) => minimumOf(drafts, name) }),
  };
  return { digest: digestOf(content), ...content };
}

/** The lowest rate a Policy may give a RateLimit. */
function minimumOf({ RateLimit }: Drafts, name: string): Rate | undefined {
  return RateLimit.find((draft) => draft.name === name)?.spec.bounds?.min;
}

function byName<Item extends { readonly name: string }>(items: readonly Item[]): Item[] {
  return [...items].sort((a, b) => compareText(a.name, b.name));
}
