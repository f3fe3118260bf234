import type { Draft } from "../draft.ts";
import type { Path } from "../path.ts";
import { ACTION_KINDS, type ActionSpec, kindsOf } from "./action.ts";
import { denyFault } from "./deny.ts";

export function checkAction<Spec>(draft: Draft<Spec>, action: ActionSpec, path: Path): void {
  const kinds = kindsOf(action);
  if (kinds.length === 0) {
    draft.lacks("QM0115", path, `is empty; write one of ${ACTION_KINDS.join(", ")}`);
  } else if (kinds.length > 1) {
    draft.wrong(
      "QM0115",
      path,
      `${kinds.join(" and ")} are both there; each is an entry of its own`,
    );
  }
  const [kind] = kinds;
  if (action.shift !== undefined) checkShift(draft, action.shift, [...path, "shift"]);
  const fault = kind === undefined ? undefined : formFault(action);
  if (kind !== undefined && fault !== undefined) draft.lacks("QM0115", [...path, kind], fault);
}

/** Of the requests of a locality this much stays there: they show when it is well again. */
const LEAST_LEFT = 0.05;

function checkShift<Spec>(
  draft: Draft<Spec>,
  { max, step }: NonNullable<ActionSpec["shift"]>,
  path: Path,
): void {
  if (max === 0 || max > 1 - LEAST_LEFT) {
    const message = "is not above 0% and at most 95%: what stays shows when it is well again";
    draft.wrong("QM0005", [...path, "max"], message);
  }
  if (step === 0) draft.wrong("QM0005", [...path, "step"], "is 0%, so nothing would move");
}

/** What fields of one form contradict each other. */
function formFault({ rateLimit, deny, notify, shed, outlier, circuitBreaker, fault }: ActionSpec) {
  if (rateLimit?.factor !== undefined && rateLimit.rate !== undefined) {
    return "factor and rate are both there; keep one";
  }
  if (deny !== undefined) return denyFault(deny);
  if (notify !== undefined && (notify.page === undefined) === (notify.ticket === undefined)) {
    return "tells nobody, or two; write page or ticket";
  }
  if (shed !== undefined && shed.max === undefined && Object.keys(shed.tiers).length === 0) {
    return "moves nothing; write max or tiers";
  }
  for (const knobs of [outlier, circuitBreaker]) {
    if (knobs !== undefined && Object.keys(knobs).length === 1) {
      return `moves nothing; write one of its fields beside service`;
    }
  }
  if (fault !== undefined && fault.abort === undefined && fault.delay === undefined) {
    return "injects nothing; write abort or delay";
  }
  return undefined;
}
