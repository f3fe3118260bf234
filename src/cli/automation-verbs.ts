import { setTimeout as sleep } from "node:timers/promises";
import { localTokenFile } from "../api/auth/local-token.ts";
import { fetchAnswer, postOrder, type Server } from "../api/client.ts";
import { pageOf } from "../api/v1/page.ts";
import { decisionDetail } from "../api/view/decision.ts";
import { incidentCheckView } from "../api/view/incident-check.ts";
import {
  actionDetail,
  actionView,
  approvalView,
  policyView,
  type RolloutView,
  rolloutView,
} from "../api/view/operation.ts";
import { serviceView } from "../api/view/service.ts";
import { incidentReport } from "../audit/incident.ts";
import { doubtLines, objectiveRows, rolloutLines } from "./automation-tables.ts";
import { EXIT, Failure } from "./exit-code.ts";
import { asText, printStructured, say } from "./output.ts";
import { waitingFor } from "./progress.ts";
import { readToken } from "./server-option.ts";
import { textTable } from "./text-table.ts";
import { unwrap } from "./unwrap.ts";
import { type Look, watching } from "./watch.ts";

/** The verbs of automation: each asks the control plane's API, or gives it one order. */
export interface AskOptions {
  readonly server: Server;
  readonly output: "table" | "json" | "yaml";
}

const PAGE = "limit=100";
const FOLLOW_MS = 1000;

/** An order waits for the engine's next second, and for the disk. */
const ORDER_TIMEOUT_MS = 10_000;

export async function explainDecision(id: string, { server, output }: AskOptions): Promise<number> {
  const path = `/v1/decisions/${encodeURIComponent(id)}`;
  const detail = unwrap(await fetchAnswer({ server }, path, decisionDetail));
  if (output === "table") process.stdout.write(`${detail.explanation.join("\n")}\n`);
  else printStructured(detail, output);
  return EXIT.fine;
}

/** Exit 3 while automation makes it worse, or the log and what is in force differ. */
export async function checkIncident(id: string, { server, output }: AskOptions): Promise<number> {
  const path = `/v1/incidents/${encodeURIComponent(id)}/check`;
  const check = unwrap(await fetchAnswer({ server }, path, incidentCheckView));
  if (output === "table") process.stdout.write(incidentReport(check));
  else printStructured(check, output);
  const isWorse = check.automation.harmful.length > 0;
  return isWorse || check.comparison.some(({ agree }) => !agree) ? EXIT.degraded : EXIT.fine;
}

/** Exit 3 while an objective is not met. */
export async function showObjectives({ server, output }: AskOptions): Promise<number> {
  const path = `/v1/services?${PAGE}`;
  const { items } = unwrap(await fetchAnswer({ server }, path, pageOf(serviceView)));
  const objectives = items.flatMap(({ name, objectives }) =>
    objectives.map((each) => ({ service: name, ...each })),
  );
  if (output === "table") {
    process.stdout.write(textTable(objectiveRows(objectives)));
    for (const line of await readDoubts(server)) say(line);
  } else printStructured(objectives, output);
  return objectives.some(({ state }) => state === "spent" || state === "at risk")
    ? EXIT.degraded
    : EXIT.fine;
}

/** Policies that weigh probabilities no more, or rest; none where the control plane has no such part. */
async function readDoubts(server: Server): Promise<readonly string[]> {
  const answer = await fetchAnswer({ server }, `/v1/policies?${PAGE}`, pageOf(policyView));
  return answer.ok ? answer.value.items.flatMap(doubtLines) : [];
}

export function showRollouts(
  name: string | undefined,
  { server, output, watch = false }: AskOptions & { readonly watch?: boolean },
): Promise<number> {
  return watching({ watch }, async (): Promise<Look> => {
    const rollouts = await readRollouts(server, name);
    const text = asText(rollouts, { output, watch }, () => rolloutText(rollouts));
    return { text, exitCode: EXIT.fine, isOver: rollouts.every(isOver) };
  });
}

async function readRollouts(
  server: Server,
  name: string | undefined,
): Promise<readonly RolloutView[]> {
  const path = `/v1/rollouts?${PAGE}`;
  const { items } = unwrap(await fetchAnswer({ server }, path, pageOf(rolloutView)));
  const rollouts = items.filter((each) => name === undefined || each.name === name);
  if (name !== undefined && rollouts.length === 0)
    throw new Failure(`there is no Rollout ${name}.`);
  return rollouts;
}

function rolloutText(rollouts: readonly RolloutView[]): string {
  return rollouts.length === 0
    ? "There are no rollouts.\n"
    : `${rollouts.flatMap(rolloutLines).join("\n")}\n`;
}

/** Locked: rolled back, and not tried again for a while. */
function isOver({ phase }: RolloutView): boolean {
  return phase === "promoted" || phase === "rolled back" || phase === "locked";
}

/** For scripts: waits until it is over; exit 1 if it was rolled back, 4 if it took longer. */
export async function awaitRollout(
  name: string,
  { server, output, timeout }: AskOptions & { readonly timeout: number },
): Promise<number> {
  const until = AbortSignal.timeout(timeout * 1000);
  const ended = waitingFor(`waiting for Rollout ${name}`);
  try {
    for (;;) {
      const [rollout] = await readRollouts(server, name);
      if (rollout !== undefined && isOver(rollout)) {
        ended();
        if (output === "table") process.stdout.write(rolloutText([rollout]));
        else printStructured(rollout, output);
        return rollout.phase === "promoted" ? EXIT.fine : EXIT.failed;
      }
      if (until.aborted)
        throw new Failure(
          `Rollout ${name} is ${rollout?.phase} after ${timeout} s: ${rollout?.why || "its time is not over"}.`,
          EXIT.timedOut,
        );
      await sleep(FOLLOW_MS);
    }
  } finally {
    ended();
  }
}

export async function showActions({ server, output }: AskOptions): Promise<number> {
  const { items } = unwrap(
    await fetchAnswer({ server }, `/v1/actions?${PAGE}`, pageOf(actionView)),
  );
  const waiting = unwrap(
    await fetchAnswer({ server }, `/v1/approvals?${PAGE}`, pageOf(approvalView)),
  ).items;
  if (output !== "table") {
    printStructured({ actions: items, approvals: waiting }, output);
    return EXIT.fine;
  }
  const rows = items.map(({ id, since, by, text, isShadow, until = "", progress }) => [
    id,
    since,
    `${by.kind} ${by.name}`,
    isShadow ? "shadow" : "enforced",
    progress === undefined ? "" : `${progress.acked}/${progress.total}`,
    text,
    until,
  ]);
  process.stdout.write(
    textTable([["ID", "SINCE", "BY", "MODE", "HELD", "WHAT", "UNTIL"], ...rows]),
  );
  for (const { decision, policy, text, need, from } of waiting) {
    say(
      `${decision} waits: ${policy} wants "${text}"; ${need} of ${from.join(", ")} must approve.`,
    );
  }
  return EXIT.fine;
}

/** Exit 3 while some Envoys refuse it. */
export async function showAction(id: string, { server, output }: AskOptions): Promise<number> {
  const path = `/v1/actions/${encodeURIComponent(id)}`;
  const found = unwrap(await fetchAnswer({ server }, path, actionDetail));
  if (output === "table") {
    process.stdout.write(`${found.id}: ${found.text}\n`);
    process.stdout.write(`${found.outcome}${found.isOver ? ", over" : ""}, since ${found.since}\n`);
    const rows = found.nodes.map(({ node, state, message = "" }) => [node, state, message]);
    process.stdout.write(textTable([["ENVOY", "STATE", "WHY"], ...rows]));
  } else printStructured(found, output);
  return found.outcome === "partial" ? EXIT.degraded : EXIT.fine;
}

export interface OrderOptions {
  readonly server: Server;
  readonly data: string;
  readonly reason?: string;
}

/** One order; prints the id under which it can be explained. */
export async function order(
  path: string,
  { reason, server, data }: OrderOptions,
  body: Readonly<Record<string, unknown>> = {},
): Promise<number> {
  const told = { ...body, ...(reason !== undefined && { reason }) };
  const { record = "" } = unwrap(
    await postOrder(
      { server, ...tokenOf({ server, data }), timeoutMs: ORDER_TIMEOUT_MS },
      path,
      told,
    ),
  );
  say(record === "" ? "done." : `done: qmesh explain ${record}`);
  return EXIT.fine;
}

/** This machine's, where neither a token nor a certificate was named. */
export function tokenOf({ server, data }: Pick<OrderOptions, "server" | "data">) {
  const isShown = typeof server !== "string" && (server.token ?? server.tls) !== undefined;
  return isShown ? {} : { token: readToken(localTokenFile(data)) };
}
