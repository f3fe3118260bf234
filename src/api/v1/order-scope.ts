import type { What } from "../commands.ts";
import type { ReadModel } from "../read-model.ts";

/** The service an order is about; undefined: all of them, or nobody knows. */
export async function serviceOf(what: What, model: ReadModel): Promise<string | undefined> {
  switch (what.kind) {
    case "promote":
    case "abort":
    case "pause":
    case "resume":
    case "retry":
      return serviceOfRollout(what.rollout, model);
    case "approve":
    case "reject":
      return (await model.decision?.(what.decision))?.service;
    case "override":
      return serviceOfKnob(what.knob);
    case "endOverride": {
      const found = (await model.overrides?.())?.find(({ id }) => id === what.id);
      return found && serviceOfKnob(found.knob);
    }
    case "label":
      return (await model.alerts?.())?.find(
        ({ id, fingerprint }) => id === what.alert || fingerprint === what.alert,
      )?.service;
    default:
      return undefined;
  }
}

async function serviceOfRollout(name: string, model: ReadModel): Promise<string | undefined> {
  return (await model.rollouts?.())?.find((rollout) => rollout.name === name)?.service;
}

function serviceOfKnob(knob: string): string | undefined {
  return /^canary\.weight@(.+)$/.exec(knob)?.[1];
}
