import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { engineTrace, type MadeUpMesh } from "../../bench/decisions/engine-trace.ts";
import { smallMesh } from "../../bench/decisions/meshes.ts";
import type { PolicySet } from "../../src/policy/policy-set.ts";
import { projectRoot } from "./project-root.ts";

/**
 * `node dist/test/support/golden-traces.js` writes test/golden anew: only where the engine is meant to decide otherwise, with the
 * reason in the commit.
 */
export const GOLDEN: Readonly<Record<string, MadeUpMesh>> = {
  "canary-and-backpressure": { ...onSome(smallMesh(1)), ticks: 700, seed: 7, rps: 50 },
};

/** Its Policies act, by their rules and on a fifth of 10 Envoys first, so that a replay has to know which those were. */
function onSome(set: PolicySet): Pick<MadeUpMesh, "policySet" | "nodes"> {
  const parts = {
    ...({ mode: "canary", method: "rules" } as const),
    canary: { nodesRatio: 0.2, forSeconds: 60 },
  };
  const policies = set.policies.map((each) => ({ ...each, ...parts }));
  const nodes = Array.from({ length: 10 }, (_, at) => `edge-${at}`);
  return { policySet: { ...set, policies }, nodes };
}

export function goldenFile(name: string): string {
  return join(projectRoot, "test/golden", `${name}.jsonl`);
}

if (process.argv[1] === import.meta.filename) {
  for (const [name, mesh] of Object.entries(GOLDEN)) {
    const lines = [...engineTrace(mesh)].map((line) => JSON.stringify(line));
    writeFileSync(goldenFile(name), `${lines.join("\n")}\n`);
  }
}
