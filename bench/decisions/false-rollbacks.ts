import { once } from "node:events";
import { cpus } from "node:os";
import type { Children } from "../../src/cli/children.ts";
import { AA_REGIMES, type Line, note } from "./canary-experiments.ts";

export interface FalseRollbackTask {
  /** Index into `AA_REGIMES`. */
  readonly regime: number;
  readonly runs: number;
  readonly peerRuns: number;
  readonly seed: number;
}

/** E1 for all regimes, a process for every core: 10,000 runs of an hour each take a while. */
export async function falseRollbacks(
  children: Children,
  task: Omit<FalseRollbackTask, "regime">,
): Promise<Line[]> {
  const lines: Line[] = [];
  const open = [...AA_REGIMES.keys()];
  const work = async () => {
    const child = children.forkModule("../../bench/decisions/false-rollbacks-process.js", []);
    for (let regime = open.shift(); regime !== undefined; regime = open.shift()) {
      note(`A/A ${AA_REGIMES[regime]?.name}`);
      const answered = once(child, "message");
      child.send({ ...task, regime });
      const [line] = (await answered) as [Line];
      lines[regime] = line;
    }
    child.disconnect();
  };
  await Promise.all(cpus().map(work));
  return lines;
}
