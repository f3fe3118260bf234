import type { MeshIdentity } from "../identity/mesh-identity.ts";
import type { Locality } from "../policy/intent/endpoint.ts";
import type { NodeRole } from "../policy/node-role.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import { buildResources, readFilterConfig } from "../resources/build.ts";
import { SHEDDING_FILTER } from "../resources/names.ts";
import type { EnvoyResource } from "../resources/resource.ts";
import { loadForUse } from "./analyze.ts";
import { chooseNode } from "./choose-node.ts";
import { EXIT, Failure } from "./exit-code.ts";
import { printStructured, type StructuredFormat } from "./output.ts";
import { filterWasmPath } from "./package-files.ts";

/** `qmesh translate -f DIR`: the very resources an Envoy of that gateway or sidecar would get, offline. */
export async function translate(options: {
  file: string;
  node?: string;
  locality?: Locality;
  output: StructuredFormat;
}): Promise<number> {
  const policySet = await loadForUse(options.file);
  const role = chooseNode(policySet, options.node);
  const resources = build(policySet, role, options.locality);
  const filterConfig = readFilterConfig(policySet, role);
  const readable = resources.map((resource) =>
    // On the wire it is bytes that only the filter reads.
    resource.name === SHEDDING_FILTER ? { ...resource, filterConfig } : resource,
  );
  printStructured(readable, options.output);
  return EXIT.fine;
}

/** What no single document is wrong in, such as the size of all Sheddings of a node together, is said here. */
function build(policySet: PolicySet, role: NodeRole, place: Locality | undefined): EnvoyResource[] {
  try {
    const isMesh = policySet.services.some(({ tls }) => tls !== undefined && tls.mode !== "simple");
    return buildResources(policySet, role, {
      filterWasm: filterWasmPath,
      ...(isMesh && { identity: NOT_SHOWN }),
      ...(place !== undefined && { place }),
    });
  } catch (error) {
    throw new Failure(error instanceof Error ? error.message : String(error));
  }
}

/** Certificates are the control plane's; keys are printed by nobody. */
const NOT_SHOWN: MeshIdentity = {
  trustDomain: "trust.domain",
  authorities: "[not shown]",
  certificate: "[not shown]",
  privateKey: "[not shown]",
};
