import { z } from "zod";
import { auditRecord } from "../../audit/record.ts";
import { plotOf } from "../decision-plot.ts";
import type { DecisionQuery, Page, ReadModel } from "../read-model.ts";
import { decisionDetail, decisionView } from "../view/decision.ts";
import { failureView } from "../view/failure.ts";
import { alertQualityView, alertView, auditRecordView, incidentView } from "../view/incident.ts";
import { incidentCheckView } from "../view/incident-check.ts";
import {
  actionDetail,
  actionView,
  approvalView,
  freezeView,
  intentView,
  overrideView,
  policyView,
  rolloutView,
} from "../view/operation.ts";
import { serviceView } from "../view/service.ts";
import { type ReadEndpoint, reading } from "./endpoint.ts";
import { cutPage, pageOf, pageQuery } from "./page.ts";

/** What only a control plane with that part of automation can show. */
export const PARTS = [
  "services",
  "service",
  "decisions",
  "decision",
  "rollouts",
  "policies",
  "intents",
  "actions",
  "action",
  "approvals",
  "overrides",
  "freeze",
  "incidents",
  "incidentCheck",
  "alerts",
  "alertQuality",
  "failures",
  "audit",
  "config",
  "requests",
  "report",
] as const satisfies readonly (keyof ReadModel)[];

const word = z.string().min(1).max(256).exactOptional();
const time = z.iso.datetime({ offset: true }).exactOptional();
const decisionQuery = pageQuery.extend({
  kind: decisionView.shape.kind.exactOptional(),
  subject: word,
  service: word,
  from: time,
  to: time,
});
const auditQuery = pageQuery.extend({
  kind: auditRecord.shape.kind.exactOptional(),
  subject: word,
  from: time,
  to: time,
});

export const AUTOMATION_READS: readonly ReadEndpoint[] = [
  reading("/v1/services", {
    summary: "Services with indicators, objectives and burn, by name",
    part: "services",
    query: pageQuery.extend({ search: word }),
    answer: pageOf(serviceView),
    read: async ({ model }, { query }) => {
      const services = (await model.services?.()) ?? [];
      const found = services.filter(({ name, owner = "" }) =>
        `${name} ${owner}`.includes(query.search ?? ""),
      );
      return cutPage(found, ({ name }) => name, query);
    },
  }),
  reading("/v1/services/{name}", {
    summary: "One service, with the times of each part of it",
    part: "service",
    answer: serviceView,
    read: ({ model }, { params }) => model.service?.(params.name ?? ""),
  }),
  reading("/v1/decisions", {
    summary: "What was decided, newest first",
    part: "decisions",
    query: decisionQuery,
    answer: pageOf(decisionView),
    read: ({ model }, { query: { from, to, cursor, ...query } }) =>
      model.decisions?.({ ...query, ...within(from, to), ...before(cursor) } as DecisionQuery),
  }),
  reading("/v1/decisions/{id}", {
    summary: "Why: all a decision rests on, and what came of it",
    part: "decision",
    answer: decisionDetail,
    read: async ({ model, history }, { params }) => {
      const found = await model.decision?.(params.id ?? "");
      return found && { ...plotOf(found, history), ...found };
    },
  }),
  list("/v1/rollouts", "rollouts", "Rollouts and where each stands, by name", rolloutView),
  reading("/v1/rollouts/{name}", {
    summary: "One rollout",
    part: "rollouts",
    answer: rolloutView,
    read: async ({ model }, { params }) =>
      (await model.rollouts?.())?.find(({ name }) => name === params.name),
  }),
  list("/v1/policies", "policies", "How each Policy stands, and what it did so far", policyView),
  list("/v1/intents", "intents", "Sets of intent that were in force, newest first", intentView),
  list("/v1/actions", "actions", "What is laid over the intent now, newest first", actionView),
  reading("/v1/actions/{id}", {
    summary: "One action, and how far it has come on each Envoy",
    part: "action",
    answer: actionDetail,
    read: ({ model }, { params }) => model.action?.(params.id ?? ""),
  }),
  list("/v1/approvals", "approvals", "What waits for people, the oldest first", approvalView),
  list("/v1/overrides", "overrides", "What people hold in place for a while", overrideView),
  reading("/v1/freeze", {
    summary: "Whether automation is stopped by hand",
    part: "freeze",
    answer: freezeView,
    read: ({ model }) => model.freeze?.(),
  }),
  list("/v1/incidents", "incidents", "Incidents, open ones first", incidentView),
  reading("/v1/incidents/{id}/check", {
    summary: "The incident a record is part of: objectives, what automation did, log against state",
    part: "incidentCheck",
    answer: incidentCheckView,
    read: ({ model }, { params }) => model.incidentCheck?.(params.id ?? ""),
  }),
  list("/v1/alerts", "alerts", "Alerts, firing ones first", alertView),
  reading("/v1/alert-quality", {
    summary: "Share of false alarms by the labels of people",
    part: "alertQuality",
    answer: alertQualityView,
    read: ({ model }) => model.alertQuality?.(),
  }),
  reading("/v1/failures", {
    summary: "Sampled requests that failed, with their traces, newest first",
    part: "failures",
    query: pageQuery.extend({ service: word }),
    answer: pageOf(failureView),
    read: async ({ model }, { query }) => {
      const items = (await model.failures?.(query.service)) ?? [];
      return cutPage(items, ({ id }) => id, query);
    },
  }),
  reading("/v1/audit", {
    summary: "The log of what automation and people did, newest first",
    part: "audit",
    query: auditQuery,
    answer: pageOf(auditRecordView),
    read: ({ model }, { query: { from, to, cursor, ...query } }) =>
      model.audit?.({ ...query, ...within(from, to), ...before(cursor) }),
  }),
];

type Listed =
  | "rollouts"
  | "policies"
  | "intents"
  | "actions"
  | "approvals"
  | "overrides"
  | "incidents"
  | "alerts";

function list(path: string, part: Listed, summary: string, item: z.ZodType): ReadEndpoint {
  return reading(path, {
    summary,
    part,
    query: pageQuery,
    answer: pageOf(item),
    read: async ({ model }, { query }): Promise<Page<unknown>> => {
      const items = (await model[part]?.()) ?? [];
      return cutPage<unknown>(items, keyOf, query);
    },
  });
}

function keyOf(item: unknown): string {
  const { id, name, decision, fingerprint, digest } = item as Record<string, string | undefined>;
  return id ?? name ?? fingerprint ?? decision ?? digest ?? "";
}

function within(from: string | undefined, to: string | undefined) {
  return {
    ...(from !== undefined && { fromMs: Date.parse(from) }),
    ...(to !== undefined && { toMs: Date.parse(to) }),
  };
}

function before(cursor: string | undefined) {
  return cursor === undefined ? {} : { before: cursor };
}
