import { fetchAnswer, type Server } from "../api/client.ts";
import { CONFIG_TYPES, type ConfigView, configView } from "../api/view/config.ts";
import { didYouMean } from "../policy/nearest.ts";
import { EXIT, Failure } from "./exit-code.ts";
import { printStructured, type StructuredFormat, say } from "./output.ts";
import { textTable } from "./text-table.ts";
import { unwrap } from "./unwrap.ts";

/** `qmesh config NODE clusters|routes|listeners|endpoints|secrets [--diff]`. */
export interface ConfigOptions {
  readonly server: Server;
  readonly output: "table" | StructuredFormat;
  /** Only what the node does not have as it should. */
  readonly diff?: boolean;
}

/** Exit 3 if the node has anything otherwise than it should. */
export async function showConfig(
  node: string,
  type: string,
  { server, output, diff = false }: ConfigOptions,
): Promise<number> {
  if (!CONFIG_TYPES.some((each) => each === type))
    throw new Failure(
      `there is no type ${type}${didYouMean(type, CONFIG_TYPES)}: one of ${CONFIG_TYPES.join(", ")}.`,
      EXIT.usage,
    );
  const path = `/v1/nodes/${encodeURIComponent(node)}/config?type=${type}`;
  const whole = unwrap(await fetchAnswer({ server }, path, configView));
  const shown = diff ? { ...whole, resources: whole.resources.filter(differs) } : whole;
  if (output !== "table") printStructured(shown, output);
  else {
    if (!diff || shown.resources.length > 0) process.stdout.write(renderConfig(shown));
    if (diff) say(differenceText(whole));
  }
  return whole.resources.some(differs) ? EXIT.degraded : EXIT.fine;
}

function differs({ state }: ConfigView["resources"][number]): boolean {
  return state !== "SYNCED";
}

/** Pure. */
export function renderConfig({ type, resources }: ConfigView): string {
  if (resources.length === 0) return `There are no ${type}.\n`;
  const rows = resources.map(({ name, version, state, error = "" }) => [
    ...[name, version, state, error],
  ]);
  return textTable([["NAME", "VERSION", "STATE", "WHY"], ...rows]);
}

/** Pure. */
export function differenceText({ node, type, resources, wanted, acked }: ConfigView): string {
  const count = resources.filter(differs).length;
  if (count === 0) return `${node} holds all ${resources.length} ${type} as it should.`;
  const versions = `it should have ${wanted ?? "nothing"}, and acknowledged ${acked ?? "nothing"}`;
  return `${node} differs in ${count} of ${resources.length} ${type}: ${versions}.`;
}
