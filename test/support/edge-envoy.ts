import { filterWasmPath } from "../../src/cli/package-files.ts";
import type { PolicySet } from "../../src/policy/policy-set.ts";
import { type BuildOptions, buildResources } from "../../src/resources/build.ts";
import { type FileEnvoy, startFileEnvoy } from "./file-envoy.ts";

/** A real Envoy that is the gateway `edge` of a set, with the filter as it is built unless told otherwise. */
export function startEdge(set: PolicySet, options: Partial<BuildOptions> = {}): Promise<FileEnvoy> {
  const role = { role: "gateway", name: "edge" } as const;
  return startFileEnvoy(buildResources(set, role, { filterWasm: filterWasmPath, ...options }));
}
