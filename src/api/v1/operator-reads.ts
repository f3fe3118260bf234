import { z } from "zod";
import { CONFIG_TYPES, configView } from "../view/config.ts";
import { MEASURES, reportView } from "../view/report.ts";
import { requestView } from "../view/request.ts";
import { type ReadEndpoint, reading } from "./endpoint.ts";

/** What a person at a prompt asks for: configuration of one node, requests as they come, the measures. */
export const OPERATOR_READS: readonly ReadEndpoint[] = [
  reading("/v1/nodes/{id}/config", {
    summary: "What one Envoy should have of a type, and what it made of it",
    part: "config",
    query: z.strictObject({ type: z.enum(CONFIG_TYPES).default("clusters") }),
    answer: configView,
    read: ({ model }, { params, query }) => model.config?.(params.id ?? "", query.type),
  }),
  reading("/v1/requests", {
    summary: "Sampled requests after a number, the oldest first: ask again with `next`",
    part: "requests",
    query: z.strictObject({
      /** Absent: from now on. */
      after: z.coerce.number().int().min(0).exactOptional(),
      limit: z.coerce.number().int().min(1).max(1000).default(200),
    }),
    answer: z.object({ items: z.array(requestView).readonly(), next: z.number() }),
    read: ({ model }, { query }) => model.requests?.(query.after, query.limit),
  }),
  reading("/v1/report/{measure}", {
    summary: "One of the measures M1 to M10, with what it was measured on",
    part: "report",
    query: z.strictObject({
      /** How far back the log is read, seconds; at most 90 days. */
      since: z.coerce.number().int().min(1).max(7_776_000).default(604_800),
    }),
    answer: reportView,
    read: ({ model }, { params, query }) => {
      const measure = MEASURES.find((each) => each === params.measure);
      return measure === undefined ? undefined : model.report?.(measure, query.since);
    },
  }),
];
