import { readFileSync } from "node:fs";
import { parseAllDocuments, stringify } from "yaml";
import { EXIT, Failure } from "../exit-code.ts";
import { say } from "../output.ts";
import { fromArgo } from "./argo.ts";
import { fromFlagger } from "./flagger.ts";
import { type Fields, fieldsOf, type Imported } from "./lossy.ts";

/** `qmesh import flagger|argo FILE`: Rollouts on stdout, each field that was lost a line on stderr. */
export const TOOLS = ["flagger", "argo"] as const;
export type Tool = (typeof TOOLS)[number];

const FROM: Readonly<
  Record<
    Tool,
    {
      readonly kind: string;
      readonly group: string;
      readonly take: (document: Fields, owner: string) => Imported;
    }
  >
> = {
  flagger: { kind: "Canary", group: "flagger.app/", take: fromFlagger },
  argo: { kind: "Rollout", group: "argoproj.io/", take: fromArgo },
};

/** Exit 3 if anything was lost. */
export function importFile(tool: Tool, file: string, options: { readonly owner: string }): number {
  const imported = importText(tool, readText(file), { ...options, file });
  const [first, ...rest] = imported.map(({ rollout }) => stringify(rollout));
  process.stdout.write([first, ...rest.map((text) => `---\n${text}`)].join(""));
  const lost = imported.flatMap(({ rollout, lost }) =>
    lost.map(({ path, why }) => `${rollout.metadata.name} ${path}: ${why}.`),
  );
  for (const line of lost) say(`lost: ${line}`);
  return lost.length > 0 ? EXIT.degraded : EXIT.fine;
}

/** Pure. Throws a Failure if there is no such document in it. */
export function importText(
  tool: Tool,
  text: string,
  { owner, file }: { readonly owner: string; readonly file: string },
): Imported[] {
  const { kind, group, take } = FROM[tool];
  const documents = parseAllDocuments(text);
  for (const { errors } of documents) {
    const [error] = errors;
    if (error !== undefined) throw new Failure(`${file}: ${error.message.split("\n")[0]}`);
  }
  const found = documents
    .map((document) => fieldsOf(document.toJS()))
    .filter((each) => each.kind === kind && String(each.apiVersion).startsWith(group));
  if (found.length === 0) throw new Failure(`${file}: holds no ${kind} of ${group.slice(0, -1)}.`);
  return found.map((document) => take(document, owner));
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Failure(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}
