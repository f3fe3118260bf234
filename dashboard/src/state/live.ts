import { type Signal, signal } from "@preact/signals";
import type { DecisionView } from "../../../src/api/view/decision.ts";
import type { FailureView } from "../../../src/api/view/failure.ts";
import type { AlertView, IncidentView } from "../../../src/api/view/incident.ts";
import type {
  ClusterView,
  HistoryView,
  JudgementView,
  NodeView,
  SheddingView,
} from "../../../src/api/view/mesh.ts";
import type {
  ActionView,
  ApprovalView,
  FreezeView,
  OverrideView,
  PolicyView,
  RolloutView,
} from "../../../src/api/view/operation.ts";
import type { ServiceView } from "../../../src/api/view/service.ts";
import { authorization } from "./api.ts";
import { readEvents } from "./events.ts";

/** What the control plane last said of each topic, kept current by one stream of events. Undefined: not heard yet. */
interface Mesh {
  readonly version: string;
  readonly started: string;
  readonly intent: {
    readonly digest?: string;
    readonly current: boolean;
    readonly files: readonly string[];
    readonly problems: readonly {
      readonly severity: "error" | "warning";
      readonly code: string;
      readonly file: string;
      readonly line: number;
      readonly document: string;
      readonly path: string;
      readonly message: string;
    }[];
    readonly failure?: string;
  };
}

export const live = {
  mesh: heard<Mesh>(),
  nodes: heard<readonly NodeView[]>(),
  shedding: heard<readonly SheddingView[]>(),
  clusters: heard<readonly ClusterView[]>(),
  judgements: heard<readonly JudgementView[]>(),
  samples: heard<HistoryView>(),
  services: heard<readonly ServiceView[]>(),
  decisions: heard<readonly DecisionView[]>(),
  rollouts: heard<readonly RolloutView[]>(),
  actions: heard<readonly ActionView[]>(),
  approvals: heard<readonly ApprovalView[]>(),
  overrides: heard<readonly OverrideView[]>(),
  freeze: heard<FreezeView>(),
  incidents: heard<readonly IncidentView[]>(),
  alerts: heard<readonly AlertView[]>(),
  policies: heard<readonly PolicyView[]>(),
  failures: heard<readonly FailureView[]>(),
};
export type Topic = keyof typeof live;

/** Topics this control plane does not have. */
export const missing = signal<ReadonlySet<string>>(new Set());

export type Connection =
  | { readonly state: "connecting" }
  | { readonly state: "live" }
  | { readonly state: "lost"; readonly sinceMs: number }
  | { readonly state: "refused"; readonly why: string };
export const connection = signal<Connection>({ state: "connecting" });

function heard<T>(): Signal<T | undefined> {
  return signal<T | undefined>(undefined);
}

let attempt: AbortController | undefined;

/** Begins anew, with the token of now. */
export function connect(): void {
  attempt?.abort();
  const mine = new AbortController();
  attempt = mine;
  void stay(mine.signal);
}

const AGAIN_MS = [500, 1000, 2000, 5000];

async function stay(signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted; failures++) {
    const end = await readEvents("/v1/events", {
      headers: authorization(),
      signal,
      onEvent: (name, data) => {
        failures = 0;
        take(name, data);
      },
    });
    if (signal.aborted) return;
    if (end.kind === "refused") {
      connection.value = { state: "refused", why: end.why };
      return;
    }
    if (connection.value.state !== "lost")
      connection.value = { state: "lost", sinceMs: Date.now() };
    const wait = AGAIN_MS[Math.min(failures, AGAIN_MS.length - 1)] ?? 0;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

function take(name: string, data: unknown): void {
  if (name === "hello") {
    missing.value = new Set((data as { missing: string[] }).missing);
    connection.value = { state: "live" };
  } else if (name in live) {
    (live[name as Topic] as Signal<unknown>).value = data;
  }
}
