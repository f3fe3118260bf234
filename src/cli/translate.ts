import type { PolicySet } from "../policy/policy-set.ts";
import { EXTENSION_CONFIG_TYPE } from "../proto/type-url.ts";
import { buildResources, readFilterConfig } from "../resources/build.ts";
import { loadForUse } from "./analyze.ts";
import { EXIT, Failure } from "./exit-code.ts";
import { printStructured, type StructuredFormat } from "./output.ts";
import { filterWasmPath } from "./package-files.ts";

/** `qmesh translate -f DIR`: the very resources an Envoy of the gateway would get, offline. */
export async function translate(options: {
  file: string;
  gateway?: string;
  output: StructuredFormat;
}): Promise<number> {
  const policySet = await loadForUse(options.file);
  const name = chooseGateway(policySet, options.gateway);
  const role = { role: "gateway", name } as const;
  const resources = buildResources(policySet, role, { filterWasm: filterWasmPath });
  const filterConfig = readFilterConfig(policySet, role);
  const readable = resources.map((resource) =>
    // On the wire it is bytes that only the filter reads.
    resource.typeUrl === EXTENSION_CONFIG_TYPE ? { ...resource, filterConfig } : resource,
  );
  printStructured(readable, options.output);
  return EXIT.fine;
}

function chooseGateway(policySet: PolicySet, asked: string | undefined): string {
  const names = policySet.gateways.map(({ name }) => name);
  const chosen = asked ?? (names.length === 1 ? names[0] : undefined);
  if (chosen === undefined) {
    throw new Failure(
      `the intent holds ${names.length} Gateways (${names.join(", ")}): choose one with --gateway.`,
      EXIT.usage,
    );
  }
  if (!names.includes(chosen)) {
    throw new Failure(
      `no Gateway named ${chosen}; there is ${names.join(", ") || "none"}.`,
      EXIT.usage,
    );
  }
  return chosen;
}
