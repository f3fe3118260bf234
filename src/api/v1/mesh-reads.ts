import { z } from "zod";
import { VERBS } from "../auth/roles.ts";
import { clusterViews, nodeViews, sheddingViews } from "../mesh-views.ts";
import { intentSchema, nodeSchema } from "../status-document.ts";
import {
  clusterView,
  historyView,
  judgementView,
  nodeView,
  sheddingView,
  syncState,
} from "../view/mesh.ts";
import { PARTS } from "./automation-reads.ts";
import { type ReadEndpoint, reading } from "./endpoint.ts";
import { cutPage, pageOf, pageQuery } from "./page.ts";

/** What every control plane can show. */
const search = z.string().max(256).exactOptional();

export const MESH_READS: readonly ReadEndpoint[] = [
  reading("/v1", {
    summary: "What this control plane is, and which parts it has",
    answer: z.object({
      version: z.string(),
      started: z.string(),
      /** Whether each part is available. */
      parts: z.record(z.enum(PARTS), z.boolean()),
    }),
    read: ({ status, model }) => {
      const { version, started } = status();
      const parts = Object.fromEntries(PARTS.map((part) => [part, model[part] !== undefined]));
      return { version, started, parts };
    },
  }),
  reading("/v1/me", {
    summary: "Who asks, as this control plane sees it",
    answer: z.object({
      name: z.string(),
      roles: z.array(z.string()).readonly(),
      verbs: z.array(z.enum(VERBS)).readonly(),
      /** Absent: all. */
      services: z.array(z.string()).readonly().exactOptional(),
    }),
    read: (_, { principal }) => {
      const { name, roles, verbs, services } = principal;
      return { name, roles, verbs: [...verbs], ...(services !== undefined && { services }) };
    },
  }),
  reading("/v1/intent", {
    summary: "The intent in force, and the problems of the newest read",
    answer: intentSchema,
    read: ({ status }) => status().intent,
  }),
  reading("/v1/nodes", {
    summary: "Envoys, and what each holds, by id",
    query: pageQuery.extend({ search, sync: syncState.exactOptional() }),
    answer: pageOf(nodeView),
    read: ({ status }, { query }) => {
      const nodes = nodeViews(status()).filter(
        ({ id, role = "", sync }) =>
          (query.sync === undefined || sync === query.sync) &&
          (query.search === undefined || `${id} ${role}`.includes(query.search)),
      );
      return cutPage(nodes, ({ id }) => id, query);
    },
  }),
  reading("/v1/nodes/{id}", {
    summary: "One Envoy: all it holds and reports",
    answer: nodeSchema,
    read: ({ status }, { params }) => status().nodes.find(({ id }) => id === params.id),
  }),
  reading("/v1/shedding", {
    summary: "Every Shedding on every Envoy: limit, in flight, tiers, and how it is judged",
    query: pageQuery.extend({ search }),
    answer: pageOf(sheddingView),
    read: ({ status }, { query }) => {
      const found = sheddingViews(status()).filter(
        ({ shedding, node }) =>
          query.search === undefined || `${shedding} ${node}`.includes(query.search),
      );
      return cutPage(found, ({ node, shedding }) => `${node}/${shedding}`, query);
    },
  }),
  reading("/v1/clusters", {
    summary: "Clusters over all Envoys: requests, errors, times",
    query: pageQuery.extend({ search }),
    answer: pageOf(clusterView),
    read: ({ status }, { query }) => {
      const found = clusterViews(status()).filter(
        ({ cluster }) => query.search === undefined || cluster.includes(query.search),
      );
      return cutPage(found, ({ cluster }) => cluster, query);
    },
  }),
  reading("/v1/judgements", {
    summary: "When the judgement of a Shedding changed, newest first",
    query: pageQuery,
    answer: pageOf(judgementView),
    read: ({ judgements }, { query }) => cutPage(judgements.newest, ({ id }) => id, query),
  }),
  reading("/v1/history", {
    summary: "Numbers of the last minutes or hours, for charts",
    query: z.strictObject({
      /** Of the names of series. */
      prefix: z.string().max(256).default(""),
      seconds: z.coerce.number().int().min(1).max(21_600).default(900),
    }),
    answer: historyView,
    read: ({ history }, { query }) => history.read(query.prefix, query.seconds),
  }),
];
