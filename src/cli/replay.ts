import { readFile } from "node:fs/promises";
import { parseTrace } from "../audit/trace-file.ts";
import { type ReplayPolicy, replay } from "../decide/replay/replay.ts";
import { reportReplay } from "../decide/replay/report.ts";
import type { TraceRequest } from "../decide/replay/trace.ts";
import { scopesOf } from "../resources/held-scope.ts";
import { unverifiedHeaders } from "../resources/unverified-headers.ts";
import { loadForUse } from "./analyze.ts";
import { chooseNode } from "./choose-node.ts";
import { EXIT, Failure } from "./exit-code.ts";
import { printStructured, type StructuredFormat } from "./output.ts";
import { withProgress } from "./progress.ts";
import { replayDecisions } from "./replay-decisions.ts";
import { replayTable } from "./replay-table.ts";

/** `qmesh replay FILE… [--policy DIR]`, or with `--trace` as below. */
export async function replayAny(
  files: readonly string[],
  options: {
    trace?: string;
    file?: string;
    policy?: string;
    node?: string;
    output: "table" | StructuredFormat;
  },
): Promise<number> {
  const { trace, file } = options;
  if (trace !== undefined && file !== undefined && files.length === 0) {
    return replayTrace({ ...options, trace, file });
  }
  if (files.length === 0 || trace !== undefined || file !== undefined) {
    const usage = "name files of decisions, or a trace of requests by --trace FILE -f DIR.";
    throw new Failure(usage, EXIT.usage);
  }
  return withProgress("replaying", replayDecisions(files, options));
}

/** `qmesh replay --trace FILE -f DIR [--policy DIR]`: what the filter would have said of a captured load, offline. */
async function replayTrace(options: {
  trace: string;
  file: string;
  policy?: string;
  node?: string;
  output: "table" | StructuredFormat;
}): Promise<number> {
  const load = (folder: string) => loadPolicy(folder, options.node);
  const a = await load(options.file);
  const b = options.policy === undefined ? undefined : await load(options.policy);
  const trace = await readTrace(options.trace);
  const report = reportReplay(replay(a, trace), b && replay(b, trace));
  if (options.output === "table") process.stdout.write(replayTable(report));
  else printStructured(report, options.output);
  return EXIT.fine;
}

async function loadPolicy(folder: string, node: string | undefined): Promise<ReplayPolicy> {
  const policySet = await loadForUse(folder);
  const role = chooseNode(policySet, node);
  // A trace is taken where requests come in, and a sidecar believes who comes over loopback.
  const stripped = role.role === "gateway" ? unverifiedHeaders(policySet.sheddings) : [];
  // What an outbound scope does follows from reports that no trace holds.
  const scopes = scopesOf(policySet, role).filter((scope) => scope.role === "limiting");
  return { scopes, stripped };
}

async function readTrace(file: string): Promise<readonly TraceRequest[]> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new Failure(`${file}: cannot be read (${error.code ?? error.message}).`);
  });
  const reading = parseTrace(text);
  if (!reading.ok) throw new Failure(`${file}:${reading.line} ${reading.message}`);
  if (reading.trace.length === 0) throw new Failure(`${file}: holds no request.`);
  return reading.trace;
}
