import { existsSync, statSync } from "node:fs";
import { localTokenFile } from "../api/auth/local-token.ts";
import { fetchStatus, type Server } from "../api/client.ts";
import type { StatusDocument } from "../api/status-document.ts";
import { checkMachine } from "./check-machine.ts";
import { EXIT } from "./exit-code.ts";
import { printStructured, type StructuredFormat } from "./output.ts";

/** `qmesh check [--pre]`: is all well, by group; what is not comes with what to do. */
export interface Finding {
  readonly group: string;
  readonly what: string;
  readonly state: "ok" | "warning" | "failed";
  /** What to do; of what is not ok. */
  readonly hint?: string;
}

export interface CheckOptions {
  readonly server: Server;
  readonly data: string;
  readonly pre?: boolean;
  readonly output: "table" | StructuredFormat;
}

export async function check({ server, data, pre = false, output }: CheckOptions): Promise<number> {
  const findings = pre
    ? await checkMachine(data)
    : [...(await checkMesh(server)), ...checkToken(data)];
  if (output === "table") process.stdout.write(renderFindings(findings));
  else printStructured({ findings }, output);
  if (findings.some(({ state }) => state === "failed")) return EXIT.failed;
  return findings.some(({ state }) => state === "warning") ? EXIT.degraded : EXIT.fine;
}

async function checkMesh(server: Server): Promise<Finding[]> {
  const answer = await fetchStatus({ server });
  if (!answer.ok) {
    const what = "the control plane answers";
    return [{ group: "control plane", what, state: "failed", hint: answer.reason }];
  }
  return judgeStatus(answer.value);
}

/** Pure. */
export function judgeStatus({ version, intent, nodes, decisions }: StatusDocument): Finding[] {
  const errors = intent.problems.filter(({ severity }) => severity === "error").length;
  const gone = nodes.filter(({ connected }) => !connected);
  const refusing = nodes.filter(({ types }) => types.some(({ state }) => state === "REJECTED"));
  const wrong = nodes.flatMap(({ id, faults = [] }) => faults.map((fault) => `${id} ${fault}`));
  const silent = nodes.filter(({ evidence }) => evidence !== undefined && evidence.state !== "ok");
  const failing = decisions.filter(({ state }) => state === "failing" || state === "blind");
  return [
    { group: "control plane", what: `the control plane answers (${version})`, state: "ok" },
    found("intent", "the newest intent is in force", intent.current, {
      hint: `${errors} errors: qmesh analyze -f DIR shows each`,
    }),
    found("Envoys", `${nodes.length} have connected`, nodes.length > 0, {
      hint: "qmesh bootstrap --gateway NAME --id ID prints what an Envoy needs",
      state: "warning",
    }),
    found("Envoys", "all hold a stream", gone.length === 0, {
      hint: `${ids(gone)}: see their logs, and that --xds can be reached`,
      state: "warning",
    }),
    found("Envoys", "each has a role of the intent, and an id of its own", wrong.length === 0, {
      hint: wrong.slice(0, MOST_NAMED).join("; "),
      state: "warning",
    }),
    found("Envoys", "none refuses a resource", refusing.length === 0, {
      hint: `${ids(refusing)}: qmesh proxies says why`,
    }),
    found("evidence", "every Envoy reports in time", silent.length === 0, {
      hint: `${ids(silent)}: compare their bootstrap with qmesh bootstrap`,
      state: "warning",
    }),
    found("evidence", "every Shedding can be judged, and answers", failing.length === 0, {
      hint: failing[0]?.why ?? "",
      state: "warning",
    }),
  ];
}

function checkToken(data: string): Finding[] {
  const file = localTokenFile(data);
  // It may run elsewhere.
  if (!existsSync(file)) return [];
  const isPrivate = (statSync(file).mode & 0o077) === 0;
  return [
    found("access", "this machine's token is for its owner only", isPrivate, {
      hint: `chmod 600 ${file}`,
    }),
  ];
}

function found(
  group: string,
  what: string,
  isOk: boolean,
  { hint, state = "failed" }: { readonly hint: string; readonly state?: "failed" | "warning" },
): Finding {
  return isOk ? { group, what, state: "ok" } : { group, what, state, hint };
}

/** As many as a line holds. */
const MOST_NAMED = 5;

function ids(nodes: readonly { readonly id: string }[]): string {
  const named = nodes
    .slice(0, MOST_NAMED)
    .map(({ id }) => id)
    .join(", ");
  return nodes.length > MOST_NAMED ? `${named} and ${nodes.length - MOST_NAMED} more` : named;
}

const SIGNS = { ok: "✔", warning: "⚠", failed: "✖" } as const;

/** Pure. A word stands beside every sign. */
export function renderFindings(findings: readonly Finding[]): string {
  const groups = [...new Set(findings.map(({ group }) => group))];
  const lines = groups.flatMap((group) => [
    group,
    ...findings
      .filter((each) => each.group === group)
      .flatMap(({ what, state, hint }) => [
        `  ${SIGNS[state]} ${state.padEnd(7)} ${what}`,
        ...(hint === undefined ? [] : [`            ${hint}`]),
      ]),
  ]);
  return `${lines.join("\n")}\n`;
}
