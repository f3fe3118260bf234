import type { Logger } from "pino";
import type { IntentHistory } from "../../control/intent-history.ts";
import { type IntentState, loadIntent } from "../../control/intent-source.ts";
import type { ControlLoop } from "../../control/loop.ts";
import type { Metrics } from "../../metrics.ts";
import { formatProblem } from "../../policy/format.ts";
import { Failure } from "../exit-code.ts";

/** Rejects with a Failure if the folder cannot be read at all; what is wrong in it is in the answer. */
export function readFirstIntent(config: string): Promise<IntentState> {
  return loadIntent(config).catch((error: NodeJS.ErrnoException) => {
    const why = error.code ?? error.message;
    throw new Failure(`${config}: cannot be read (${why}): name a folder of YAML files.`);
  });
}

/** Puts a read of the folder in force if it is good, and says what came of it. */
export function takeIntent(
  intent: IntentState,
  { log, metrics, loop }: { log: Logger; metrics: Metrics; loop: ControlLoop },
): void {
  metrics.intent.countLoad(intent.current ? "accepted" : "refused");
  for (const problem of intent.problems) {
    log[problem.severity === "error" ? "error" : "warn"]({ ...problem }, formatProblem(problem));
  }
  loop.setIntent(intent);
  if (loop.failure !== undefined) {
    log.error({ failure: loop.failure }, "intent could not be published");
  } else if (loop.held !== undefined) {
    log.error({ ...loop.held }, "intent is held: the last good set stays in force");
  } else if (intent.current) {
    log.info({ digest: intent.policySet?.digest }, "intent in force");
  } else {
    const rest = loop.policySet === undefined ? "nothing is" : "the last good set stays";
    log.error({ files: intent.files }, `intent refused: ${rest} in force`);
  }
}

/**
 * What was in force when the process ended is so again until the folder's own set takes its place: one that takes too much is
 * held as ever, and one that does not load leaves it in force.
 */
export async function beginWithLast(
  history: Pick<IntentHistory, "newest">,
  { loop, log }: { readonly loop: ControlLoop; readonly log: Logger },
): Promise<void> {
  const policySet = await history.newest();
  if (policySet === undefined) return;
  loop.setIntent({ policySet, problems: [], files: [], current: false });
  if (loop.failure === undefined) return;
  log.warn(
    { failure: loop.failure },
    "the set that was last in force cannot be published any more",
  );
}
