import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { engineTrace, type MadeUpMesh } from "../../bench/decisions/engine-trace.ts";
import { smallMesh } from "../../bench/decisions/meshes.ts";
import { projectRoot } from "./project-root.ts";

/**
 * `node dist/test/support/golden-traces.js` writes test/golden anew: only where the engine is meant to decide otherwise, with the
 * reason in the commit.
 */
export const GOLDEN: Readonly<Record<string, MadeUpMesh>> = {
  "canary-and-backpressure": { policySet: smallMesh(1), ticks: 700, seed: 7, rps: 50 },
};

export function goldenFile(name: string): string {
  return join(projectRoot, "test/golden", `${name}.jsonl`);
}

if (process.argv[1] === import.meta.filename) {
  for (const [name, mesh] of Object.entries(GOLDEN)) {
    const lines = [...engineTrace(mesh)].map((line) => JSON.stringify(line));
    writeFileSync(goldenFile(name), `${lines.join("\n")}\n`);
  }
}
