import type { Logger } from "pino";
import type { IntentHistory } from "../../control/intent-history.ts";
import { type IntentState, loadIntent } from "../../control/intent-source.ts";
import type { ControlLoop } from "../../control/loop.ts";
import type { Metrics } from "../../metrics.ts";
import { formatProblem } from "../../policy/format.ts";
import { Failure } from "../exit-code.ts";
import { type Part, tellIntent } from "./parts.ts";

/** Rejects with a Failure if the folder cannot be read at all; what is wrong in it is in the answer. */
export function readFirstIntent(config: string): Promise<IntentState> {
  return loadIntent(config).catch((error: NodeJS.ErrnoException) => {
    const why = error.code ?? error.message;
    throw new Failure(`${config}: cannot be read (${why}): name a folder of YAML files.`);
  });
}

/** Sets of intent on their way into force: the folder's as it is read, the last before a restart, an earlier one by order. */
export class IntentIntake {
  constructor(
    private readonly options: {
      readonly history: IntentHistory;
      readonly loop: ControlLoop;
      readonly parts: readonly Part[];
      readonly log: Logger;
      readonly metrics: Metrics;
      /** A start that failed has a sentence of its own, and closed the store. */
      readonly isClosing: () => boolean;
    },
  ) {}

  /** Puts a read of the folder in force if it is good, tells what goes along, and says what came of it. */
  take(intent: IntentState): void {
    const { log, metrics, loop, parts } = this.options;
    metrics.intent.countLoad(intent.current ? "accepted" : "refused");
    for (const problem of intent.problems) {
      log[problem.severity === "error" ? "error" : "warn"]({ ...problem }, formatProblem(problem));
    }
    loop.setIntent(intent);
    this.#tell(intent);
    tellIntent(parts, loop);
    this.#keep(intent);
  }

  /**
   * What was in force when the process ended is so again until the folder's own set takes its place: one that takes too much is
   * held as ever, and one that does not load leaves it in force.
   */
  async beginWithLast(): Promise<void> {
    const { history, loop, log } = this.options;
    const policySet = await history.newest();
    if (policySet === undefined) return;
    loop.setIntent({ policySet, problems: [], files: [], current: false });
    if (loop.failure === undefined) return;
    log.warn(
      { failure: loop.failure },
      "the set that was last in force cannot be published any more",
    );
  }

  /** Puts an earlier set in force until the folder changes; answers why not, if not. */
  async rollBack(digest: string): Promise<string | undefined> {
    const { history, loop, parts, log } = this.options;
    const set = await history.find(digest);
    if (set === undefined) return `no set that was in force begins with ${digest}, or several do`;
    loop.setIntent({ ...loop.intent, policySet: set, problems: [], files: [], current: false });
    tellIntent(parts, loop);
    log.warn(
      { digest: set.digest },
      "an earlier set of intent is in force until the folder changes",
    );
    return loop.failure ?? loop.held?.why.join("; ");
  }

  #tell({ current, policySet, files }: IntentState): void {
    const { log, loop } = this.options;
    if (loop.failure !== undefined) {
      log.error({ failure: loop.failure }, "intent could not be published");
    } else if (loop.held !== undefined) {
      log.error({ ...loop.held }, "intent is held: the last good set stays in force");
    } else if (current) {
      log.info({ digest: policySet?.digest }, "intent in force");
    } else {
      const rest = loop.policySet === undefined ? "nothing is" : "the last good set stays";
      log.error({ files }, `intent refused: ${rest} in force`);
    }
  }

  /** One that is held was never in force: it is not what a restart or a rollback goes back to. */
  #keep({ current, policySet }: IntentState): void {
    const { history, loop, log, isClosing } = this.options;
    if (!current || policySet === undefined || loop.policySet?.digest !== policySet.digest) return;
    history.keep(policySet, new Date().toISOString()).catch((error: Error) => {
      if (isClosing()) return;
      log.warn({ why: error.message }, "the set of intent could not be kept for a rollback");
    });
  }
}
