import { besideReader } from "../control/beside-file.ts";
import { readIntent } from "../control/intent-source.ts";
import { formatProblem } from "../policy/format.ts";
import { parseForUse } from "../policy/parse-for-use.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import type { Problem } from "../policy/problem.ts";
import { EXIT, Failure } from "./exit-code.ts";
import { printStructured, type StructuredFormat, say } from "./output.ts";

/** `qmesh analyze -f DIR`: every problem of the intent at once, offline. */
export async function analyze(
  folder: string,
  { failOn, output }: { failOn: "error" | "warning"; output: "table" | StructuredFormat },
): Promise<number> {
  const files = await read(folder);
  const parsed = parseForUse(files, besideReader());
  if (output !== "table") printStructured({ problems: parsed.problems }, output);
  else for (const each of parsed.problems) process.stdout.write(`${formatProblem(each)}\n`);
  const errors = parsed.problems.filter(({ severity }) => severity === "error").length;
  const warnings = parsed.problems.length - errors;
  say(`${files.length} files: ${errors} errors, ${warnings} warnings`);
  const failed = errors > 0 || (failOn === "warning" && warnings > 0);
  return failed ? EXIT.failed : EXIT.fine;
}

/** The intent of a folder, or a Failure that lists every error. */
export async function loadForUse(folder: string): Promise<PolicySet> {
  const parsed = parseForUse(await read(folder), besideReader());
  if (parsed.ok) return parsed.value;
  throw new Failure(parsed.problems.filter(isError).map(formatProblem).join("\n"));
}

function isError(problem: Problem): boolean {
  return problem.severity === "error";
}

async function read(folder: string): Promise<{ file: string; text: string }[]> {
  const files = await readIntent(folder).catch((error: NodeJS.ErrnoException) => {
    throw new Failure(
      `${folder}: cannot be read (${error.code ?? error.message}): name a folder of YAML files.`,
    );
  });
  if (files.length === 0) throw new Failure(`${folder}: holds no .yaml or .yml file.`);
  return files;
}
