import { falseRollbackLine } from "./canary-experiments.ts";
import type { FalseRollbackTask } from "./false-rollbacks.ts";

/** One regime after the other, as it is told; ends with its parent. */
process.on("message", ({ regime, runs, peerRuns, seed }: FalseRollbackTask) => {
  process.send?.(falseRollbackLine(regime, runs, peerRuns, seed));
});
process.once("disconnect", () => process.exit());
