/**
 * What a record of the log says of the ten measures: M4 decision latency, M5 mitigations, M6 moves of a knob, M7 alerts
 * that were worth it, M9 time to revert, M10 guardrails. `/metrics` reads records as they are written, a report reads the
 * log again; both by this one reader, oldest first.
 */
export type Reading =
  | { readonly measure: "M4"; readonly stage: LatencyStage; readonly seconds: number }
  | { readonly measure: "M5"; readonly outcome: MitigationOutcome }
  | { readonly measure: "M6"; readonly knob: string; readonly tick: number }
  | { readonly measure: "M7"; readonly actionable: "yes" | "no" }
  | { readonly measure: "M9"; readonly stage: RevertStage; readonly seconds: number }
  | { readonly measure: "M10"; readonly guardrail: string };

/** Wait for the second to end, judge and store, build and send, until the last Envoy acknowledged. */
export const LATENCY_STAGES = ["ingest", "evaluation", "push", "ack"] as const;
export type LatencyStage = (typeof LATENCY_STAGES)[number];

export const MITIGATION_OUTCOMES = [
  "success",
  "recovered",
  "no effect",
  "harm",
  "partial",
] as const;
export type MitigationOutcome = (typeof MITIGATION_OUTCOMES)[number];

/** From the first request of the canary to the verdict; from there until every Envoy holds the stable version. */
export const REVERT_STAGES = ["detect", "apply"] as const;
export type RevertStage = (typeof REVERT_STAGES)[number];

/** What is read of a record: the engine's own, and the log's, have it. */
export interface Told {
  readonly id: string;
  readonly tick: number;
  readonly kind: string;
  readonly subject: { readonly kind: string; readonly name: string };
  readonly body: object;
}

interface Body {
  readonly verdict?: unknown;
  readonly causes?: readonly string[];
  readonly seen?: readonly { readonly what: string; readonly value?: unknown }[];
  readonly guards?: readonly { readonly name: string; readonly passed: boolean }[];
  readonly action?: { readonly knob?: unknown; readonly isShadow?: unknown } | null;
  readonly actionable?: unknown;
}

const STAGE_OF: ReadonlyMap<string, LatencyStage> = new Map(
  LATENCY_STAGES.map((stage) => [`${stage} seconds`, stage]),
);

/** `seen` of the record of a push. */
export function latencySeen(
  seconds: Readonly<Record<LatencyStage, number>>,
): { readonly what: string; readonly value: number }[] {
  return LATENCY_STAGES.map((stage) => ({
    what: `${stage} seconds`,
    value: Number(seconds[stage].toFixed(4)),
  }));
}

/** Pushes wait a few seconds for their acknowledgement; older ones have none to come. */
const MOST_REMEMBERED = 256;

export class MeasureReader {
  /** Second in which a Rollout began, by its name. */
  readonly #began = new Map<string, number>();
  /** Records whose push is M9's second stage, by id. */
  readonly #rolledBack = new Set<string>();

  read(told: Told): readonly Reading[] {
    const body = told.body as Body;
    return [
      ...this.#latency(told, body),
      ...mitigation(told, body),
      ...moves(told, body),
      ...label(told, body),
      ...this.#revert(told, body),
      ...violations(body),
    ];
  }

  #latency({ subject }: Told, { seen = [] }: Body): Reading[] {
    if (subject.kind !== "Engine" || subject.name !== "push") return [];
    return seen.flatMap(({ what, value }) => {
      const stage = STAGE_OF.get(what);
      return stage === undefined || typeof value !== "number"
        ? []
        : [{ measure: "M4", stage, seconds: value }];
    });
  }

  #revert({ id, tick, subject, kind }: Told, body: Body): Reading[] {
    const { verdict, causes = [] } = body;
    if (subject.kind === "Rollout" && kind === "decision") {
      if (verdict === "start") remember(this.#began, subject.name, tick);
      const began = this.#began.get(subject.name);
      if (verdict !== "roll back" || began === undefined) return [];
      this.#began.delete(subject.name);
      this.#rolledBack.add(id);
      if (this.#rolledBack.size > MOST_REMEMBERED) this.#rolledBack.clear();
      return [{ measure: "M9", stage: "detect", seconds: tick - began }];
    }
    if (subject.kind !== "Engine" || verdict !== "applied") return [];
    const cause = causes.find((each) => this.#rolledBack.has(each));
    if (cause === undefined) return [];
    this.#rolledBack.delete(cause);
    const seconds = this.#latency({ id, tick, subject, kind, body }, body).reduce(
      (sum, reading) => sum + (reading.measure === "M4" ? reading.seconds : 0),
      0,
    );
    return [{ measure: "M9", stage: "apply", seconds }];
  }
}

function remember(map: Map<string, number>, name: string, tick: number): void {
  map.delete(name);
  map.set(name, tick);
  const [oldest] = map.keys();
  if (map.size > MOST_REMEMBERED && oldest !== undefined) map.delete(oldest);
}

function mitigation({ kind, subject }: Told, { verdict }: Body): Reading[] {
  if (kind !== "outcome") return [];
  // The engine takes back at once what its watch or its signal shows to harm.
  const outcome = verdict === "revert" ? "harm" : verdict;
  const isPush = subject.kind === "Engine";
  if (isPush && outcome !== "partial") return [];
  const known = MITIGATION_OUTCOMES.find((each) => each === outcome);
  return known === undefined ? [] : [{ measure: "M5", outcome: known }];
}

/** Outcomes that take the action back; the others leave the knob where it is. */
const TAKEN_BACK: readonly unknown[] = ["release", "expire", "revert", "no effect", "withdraw"];

function moves({ kind, tick }: Told, { action, verdict }: Body): Reading[] {
  if (kind !== "action" && !(kind === "outcome" && TAKEN_BACK.includes(verdict))) return [];
  const knob = action?.knob;
  const isReal = typeof knob === "string" && action?.isShadow === false;
  return isReal ? [{ measure: "M6", knob, tick }] : [];
}

function label({ kind }: Told, { actionable }: Body): Reading[] {
  if (kind !== "label" || (actionable !== "yes" && actionable !== "no")) return [];
  return [{ measure: "M7", actionable }];
}

function violations({ guards = [] }: Body): Reading[] {
  return guards
    .filter(({ passed }) => !passed)
    .map(({ name }) => ({ measure: "M10", guardrail: name }));
}
