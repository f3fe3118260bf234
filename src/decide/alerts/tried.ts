import type { PolicySet } from "../../policy/policy-set.ts";
import { describeMove } from "../act/action.ts";
import type { DecisionRecord } from "../record.ts";
import type { Alert, AlertBook, Breach, PolicyFacts, Tried } from "./alert.ts";

/** What automation did, as the records of a tick tell it. */
const FAILED: ReadonlySet<string> = new Set(["revert", "no effect", "open breaker", "partial"]);
const MOST_TRIED = 64;
const MOST_LINES = 8;
const KEPT_SECONDS = 6 * 3600;

/** An action may come with the breach, or seconds before it. */
const BEFORE_SECONDS = 60;

export function noteTried(
  before: readonly Tried[],
  records: readonly DecisionRecord[],
  set: Pick<PolicySet, "policies" | "rollouts">,
): readonly Tried[] {
  const fresh = records.flatMap((record): readonly Tried[] => {
    const { id, tick, kind, subject, body } = record;
    const isDone = kind === "action" || kind === "outcome" || body.verdict === "roll back";
    if (!isDone || subject.kind === "SLO") return [];
    const blamed =
      subject.kind === "Engine"
        ? before.find(({ record }) => body.causes.includes(record))
        : undefined;
    const service = blamed?.service ?? serviceOf(subject, set);
    const what =
      kind === "action" && body.action ? describeMove(body.action.move) : body.because[0];
    return [
      {
        tick,
        record: id,
        subject: blamed?.subject ?? `${subject.kind} ${subject.name}`,
        ...(service !== undefined && { service }),
        text: `${subject.kind} ${subject.name}: ${body.verdict}: ${what ?? ""}`,
        failed: FAILED.has(body.verdict),
      },
    ];
  });
  if (fresh.length === 0) return before;
  const newest = fresh.at(-1)?.tick ?? 0;
  return [...before, ...fresh]
    .filter(({ tick }) => newest - tick < KEPT_SECONDS)
    .slice(-MOST_TRIED);
}

function serviceOf(
  { kind, name }: DecisionRecord["subject"],
  { policies, rollouts }: Pick<PolicySet, "policies" | "rollouts">,
): string | undefined {
  if (kind === "Rollout") return rollouts.find((each) => each.name === name)?.service;
  return kind === "Policy" ? policies.find((each) => each.name === name)?.scope.service : undefined;
}

/** Of all that was tried, what is about a breach. */
export function triedFor(breach: Breach, tried: readonly Tried[]): readonly Tried[] {
  return tried.filter(
    ({ tick, subject, service }) =>
      tick >= breach.sinceTick - BEFORE_SECONDS &&
      (subject === `Policy ${breach.policy}` ||
        (service !== undefined && service === breach.service)),
  );
}

export function linesOf(tried: readonly Tried[]): readonly string[] {
  return tried.slice(-MOST_LINES).map(({ text }) => text);
}

/** A mitigation failed since people were told last. */
export function hasFailed(
  { escalatedTick = 0 }: Pick<Alert, "escalatedTick">,
  tried: readonly Tried[],
) {
  return tried.some(({ failed, tick }) => failed && tick > escalatedTick);
}

/** The first number a Policy rests on, each time it speaks. */
export function noteFacts(
  before: AlertBook["facts"],
  records: readonly DecisionRecord[],
): AlertBook["facts"] {
  const spoken = records.flatMap(({ id, subject, body }): [string, PolicyFacts][] => {
    const seen = (body.seen ?? []).find(({ value }) => typeof value === "number");
    if (subject.kind !== "Policy" || (body.verdict !== "act" && body.verdict !== "tell")) return [];
    const facts = {
      decision: id,
      causes: body.causes,
      value: typeof seen?.value === "number" ? seen.value : 0,
      threshold: Number(/-?\d+(?:\.\d+)?/.exec(seen?.threshold ?? "")?.[0] ?? 0),
      windowSeconds: seen?.windowSeconds ?? 0,
    };
    return [[subject.name, facts]];
  });
  return spoken.length === 0 ? before : { ...before, ...Object.fromEntries(spoken) };
}
