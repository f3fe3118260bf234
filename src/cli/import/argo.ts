import {
  type Fields,
  fieldsOf,
  type Imported,
  type Loss,
  leavesOf,
  listOf,
  unread,
} from "./lossy.ts";

/**
 * A Rollout of Argo (`argoproj.io/v1alpha1`, strategy canary) as a Rollout here. A pause after a weight becomes the time
 * of its step, one without a duration a hold for a person.
 * https://argo-rollouts.readthedocs.io/en/stable/features/canary/
 */
interface Step {
  readonly weight?: number;
  readonly for?: string;
  readonly hold?: string;
}

export function fromArgo(document: Fields, owner: string): Imported {
  const spec = fieldsOf(document.spec);
  const strategy = fieldsOf(spec.strategy);
  const canary = fieldsOf(strategy.canary);
  const name = String(fieldsOf(document.metadata).name ?? "");
  const { steps, lost } = stepsOf(listOf(canary.steps));
  const stable = String(canary.stableService ?? "stable");
  return {
    rollout: {
      apiVersion: "quantum.mesh/v1",
      kind: "Rollout",
      metadata: { name, owner },
      spec: {
        service: name,
        versions: { stable, canary: String(canary.canaryService ?? "canary") },
        steps,
      },
    },
    lost: [
      ...lost,
      ...because(
        strategy.blueGreen,
        "spec.strategy.blueGreen",
        "no blue/green form: steps by weight",
      ),
      ...because(canary.analysis, "spec.strategy.canary.analysis", JUDGED),
      ...because(
        canary.trafficRouting,
        "spec.strategy.canary.trafficRouting",
        "write it as HTTPRoute",
      ),
      ...unread(
        canary,
        ["steps", "stableService", "canaryService", "analysis", "trafficRouting"],
        "spec.strategy.canary",
      ),
      ...unread(spec, ["strategy"], "spec"),
      ...unread(fieldsOf(document.metadata), ["name"], "metadata"),
    ],
  };
}

const JUDGED = "judged against the stable version beside it: see judge.worse";

function because(value: unknown, path: string, why: string): Loss[] {
  return value === undefined ? [] : leavesOf(value, path).map((leaf) => ({ path: leaf, why }));
}

function stepsOf(written: readonly unknown[]): { steps: Step[]; lost: Loss[] } {
  const steps: Step[] = [];
  const lost: Loss[] = [];
  for (const [at, step] of written.entries()) {
    const path = `spec.strategy.canary.steps[${at}]`;
    const { setWeight, pause, ...other } = fieldsOf(step);
    if (setWeight !== undefined) take(steps, lost, Number(setWeight), path);
    if (pause !== undefined) wait(steps, lost, fieldsOf(pause).duration, path);
    lost.push(...unread(other, [], path));
  }
  if (steps.at(-1)?.weight !== 100) steps.push({ weight: 100 });
  return { steps, lost };
}

function take(steps: Step[], lost: Loss[], weight: number, path: string): void {
  const before = Math.max(0, ...steps.map((step) => step.weight ?? 0));
  if (weight > before) steps.push({ weight });
  else lost.push({ path: `${path}.setWeight`, why: `${weight} is not above ${before} before it` });
}

function wait(steps: Step[], lost: Loss[], duration: unknown, path: string): void {
  const last = steps.at(-1);
  if (duration === undefined) {
    steps.push({ hold: "approver" });
    return;
  }
  if (last?.weight === undefined || last.for !== undefined) {
    lost.push({ path: `${path}.pause.duration`, why: "no weight before it to keep for so long" });
    return;
  }
  // A number is seconds.
  const text = /^\d+$/.test(String(duration)) ? `${duration}s` : String(duration);
  steps[steps.length - 1] = { ...last, for: text };
}
