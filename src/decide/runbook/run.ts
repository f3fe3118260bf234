import type { Runbook } from "../../policy/intent/runbook.ts";
import type { Sent } from "../alerts/delivery.ts";

/**
 * One run of a Runbook as a machine of plain values: a step is asked for under one key until it is taken, its tries are spent or
 * the run's time is over; a step that wants people waits for them. Whoever drives it sends, and says what came of it.
 */
export interface Run {
  /** Of the decision and the Runbook: of one decision it runs once. */
  readonly id: string;
  readonly runbook: string;
  readonly decision: string;
  readonly policy: string;
  readonly service?: string;
  readonly startedTick: number;
  /** Index of the step at hand. */
  readonly step: number;
  readonly state: "running" | "waiting" | "done" | "failed";
  /** Since when the step is at hand. */
  readonly stepTick: number;
  readonly tries: number;
  readonly dueTick: number;
  readonly approvedBy: readonly string[];
  readonly why?: string;
  readonly endedTick?: number;
}

/** What must be sent now. */
export interface Call {
  readonly run: string;
  /** Idempotency key. */
  readonly key: string;
  readonly adapter: string;
  readonly path: string;
}

const MOST_TRIES = 5;
const FIRST_WAIT_SECONDS = 1;

export function begin(
  about: Pick<Run, "runbook" | "decision" | "policy"> & { readonly service?: string },
  tick: number,
): Run {
  return {
    ...about,
    id: `${about.decision}.${about.runbook}`,
    ...{ startedTick: tick, stepTick: tick, dueTick: tick },
    ...{ step: 0, tries: 0, state: "running", approvedBy: [] },
  };
}

/** Time passes: what waits for nobody any more, what is over. */
export function stepRun(run: Run, runbook: Runbook | undefined, tick: number): Run {
  if (run.state === "done" || run.state === "failed") return run;
  if (runbook === undefined) return fail(run, "its document is gone", tick);
  const step = runbook.steps[run.step];
  if (step === undefined) return { ...run, state: "done", endedTick: tick };
  if (tick - run.startedTick >= runbook.timeoutSeconds)
    return fail(run, `it did not end within ${runbook.timeoutSeconds} s`, tick);
  const { approval } = step;
  if (approval === undefined || run.approvedBy.length >= approval.need)
    return run.state === "running" ? run : { ...run, state: "running", dueTick: tick };
  if (tick - run.stepTick >= approval.withinSeconds)
    return fail(
      run,
      `nobody approved step ${run.step + 1} within ${approval.withinSeconds} s`,
      tick,
    );
  return run.state === "waiting" ? run : { ...run, state: "waiting" };
}

export function callOf(run: Run, runbook: Runbook | undefined, tick: number): Call | undefined {
  const step = runbook?.steps[run.step];
  if (run.state !== "running" || step === undefined || tick < run.dueTick) return undefined;
  const key = step.isKeyOfDecision ? run.decision : `${run.id}.${run.step + 1}`;
  return { run: run.id, key, adapter: step.adapter, path: step.path };
}

/** What came of a call. */
export function settleRun(run: Run, sent: Sent, tick: number): Run {
  if (run.state !== "running") return run;
  const next = { stepTick: tick, dueTick: tick, tries: 0, approvedBy: [] };
  if (sent.ok) return { ...run, ...next, step: run.step + 1 };
  const tries = run.tries + 1;
  const why = `step ${run.step + 1}: ${sent.why}`;
  if (sent.isFinal || tries >= MOST_TRIES) return fail(run, why, tick);
  return { ...run, tries, why, dueTick: tick + FIRST_WAIT_SECONDS * 2 ** tries };
}

/** A sentence: it was not for them to say. */
export function approveRun(
  run: Run,
  runbook: Runbook | undefined,
  {
    by,
    roles,
    isYes,
  }: { readonly by: string; readonly roles: readonly string[]; readonly isYes: boolean },
  tick: number,
): Run | string {
  const approval = runbook?.steps[run.step]?.approval;
  if (run.state !== "waiting" || approval === undefined) return `${run.id} waits for nobody`;
  if (![by, ...roles].some((each) => approval.from.includes(each)))
    return `${by} is none of ${approval.from.join(", ")}`;
  if (!isYes) return fail(run, `${by} rejected step ${run.step + 1}`, tick);
  if (run.approvedBy.includes(by)) return `${by} has approved it already`;
  return { ...run, approvedBy: [...run.approvedBy, by] };
}

function fail(run: Run, why: string, tick: number): Run {
  return { ...run, state: "failed", why, endedTick: tick };
}
