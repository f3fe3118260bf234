import { clusterViews, nodeViews, sheddingViews } from "../mesh-views.ts";
import type { ReadModel, Soon } from "../read-model.ts";
import type { Sources } from "./endpoint.ts";

/** What a live view may subscribe to; each event holds the whole of its topic, `samples` the newest second of `/v1/history`. */
export const TOPICS = [
  "mesh",
  "nodes",
  "shedding",
  "clusters",
  "judgements",
  "samples",
  "services",
  "decisions",
  "rollouts",
  "policies",
  "actions",
  "approvals",
  "overrides",
  "freeze",
  "incidents",
  "alerts",
  "failures",
] as const;
export type Topic = (typeof TOPICS)[number];

/** Enough for a screen; more is asked for by page. */
const NEWEST = 200;

const READERS: Readonly<Record<Topic, (sources: Sources) => Soon<unknown>>> = {
  mesh: ({ status }) => {
    const { version, started, intent, rateLimits = [] } = status();
    return { version, started, intent, rateLimits };
  },
  nodes: ({ status }) => nodeViews(status()),
  shedding: ({ status }) => sheddingViews(status()),
  clusters: ({ status }) => clusterViews(status()),
  judgements: ({ judgements }) => judgements.newest.slice(0, NEWEST),
  samples: ({ history }) => history.newest,
  services: ({ model }) => model.services?.(),
  decisions: async ({ model }) => (await model.decisions?.({ limit: NEWEST }))?.items,
  rollouts: ({ model }) => model.rollouts?.(),
  policies: ({ model }) => model.policies?.(),
  actions: ({ model }) => model.actions?.(),
  approvals: ({ model }) => model.approvals?.(),
  overrides: ({ model }) => model.overrides?.(),
  freeze: ({ model }) => model.freeze?.(),
  incidents: ({ model }) => model.incidents?.(),
  alerts: ({ model }) => model.alerts?.(),
  failures: async ({ model }) => (await model.failures?.(undefined))?.slice(0, NEWEST),
};

export function readTopic(topic: Topic, sources: Sources): Soon<unknown> {
  return READERS[topic](sources);
}

export function isTopic(text: string): text is Topic {
  return TOPICS.some((topic) => topic === text);
}

/** Every topic that is a part is one this control plane may lack. */
export function isMissing(topic: Topic, model: ReadModel): boolean {
  return !MESH.has(topic) && model[topic as keyof ReadModel] === undefined;
}

const MESH = new Set<Topic>(["mesh", "nodes", "shedding", "clusters", "judgements", "samples"]);
