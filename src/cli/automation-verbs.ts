import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { localTokenFile } from "../api/auth/local-token.ts";
import { type Answer, fetchAnswer, postOrder } from "../api/client.ts";
import { type DecisionView, decisionDetail, decisionView } from "../api/view/decision.ts";
import { incidentCheckView } from "../api/view/incident-check.ts";
import {
  actionDetail,
  actionView,
  approvalView,
  policyView,
  rolloutView,
} from "../api/view/operation.ts";
import { serviceView } from "../api/view/service.ts";
import { incidentReport } from "../audit/incident.ts";
import { decisionRows, doubtLines, objectiveRows, rolloutLines } from "./automation-tables.ts";
import { EXIT, Failure } from "./exit-code.ts";
import { printStructured, say } from "./output.ts";
import { textTable } from "./text-table.ts";

/** The verbs of automation: each asks the control plane's API, or gives it one order. */
export interface AskOptions {
  readonly server: string;
  readonly output: "table" | "json" | "yaml";
}

const page = <T>(item: z.ZodType<T>) => z.object({ items: z.array(item) });
const PAGE = "limit=100";
const FOLLOW_MS = 1000;

/** An order waits for the engine's next second, and for the disk. */
const ORDER_TIMEOUT_MS = 10_000;

export async function showDecisions(
  options: AskOptions & { readonly follow?: boolean; readonly subject?: string },
): Promise<number> {
  const { server, output, follow, subject } = options;
  const filter = subject === undefined ? "" : `&subject=${encodeURIComponent(subject)}`;
  const path = `/v1/decisions?${PAGE}${filter}`;
  const read = async (): Promise<readonly DecisionView[]> =>
    unwrap(await fetchAnswer({ server }, path, page(decisionView))).items.toReversed();
  let shown = await read();
  if (output !== "table") {
    printStructured(shown, output);
    return EXIT.fine;
  }
  process.stdout.write(textTable(decisionRows(shown)));
  while (follow === true) {
    await sleep(FOLLOW_MS);
    const known = new Set(shown.map(({ id }) => id));
    shown = await read();
    const fresh = shown.filter(({ id }) => !known.has(id));
    if (fresh.length > 0) process.stdout.write(textTable(decisionRows(fresh).slice(1)));
  }
  return EXIT.fine;
}

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
  const { items } = unwrap(await fetchAnswer({ server }, path, page(serviceView)));
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
async function readDoubts(server: string): Promise<readonly string[]> {
  const answer = await fetchAnswer({ server }, `/v1/policies?${PAGE}`, page(policyView));
  return answer.ok ? answer.value.items.flatMap(doubtLines) : [];
}

export async function showRollouts(
  name: string | undefined,
  { server, output, watch }: AskOptions & { readonly watch?: boolean },
): Promise<number> {
  for (;;) {
    const path = `/v1/rollouts?${PAGE}`;
    const { items } = unwrap(await fetchAnswer({ server }, path, page(rolloutView)));
    const rollouts = items.filter((each) => name === undefined || each.name === name);
    if (name !== undefined && rollouts.length === 0)
      throw new Failure(`there is no Rollout ${name}.`);
    if (output === "table") process.stdout.write(`${rollouts.flatMap(rolloutLines).join("\n")}\n`);
    else printStructured(rollouts, output);
    const isOver = rollouts.every(({ phase }) => phase === "promoted" || phase === "rolled back");
    if (watch !== true || isOver) return EXIT.fine;
    await sleep(FOLLOW_MS);
  }
}

export async function showActions({ server, output }: AskOptions): Promise<number> {
  const { items } = unwrap(await fetchAnswer({ server }, `/v1/actions?${PAGE}`, page(actionView)));
  const waiting = unwrap(
    await fetchAnswer({ server }, `/v1/approvals?${PAGE}`, page(approvalView)),
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
  readonly server: string;
  readonly data: string;
  readonly tokenFile?: string;
  readonly reason?: string;
}

/** One order; prints the id under which it can be explained. */
export async function order(
  path: string,
  { reason, server, ...options }: OrderOptions,
  body: Readonly<Record<string, unknown>> = {},
): Promise<number> {
  const told = { ...body, ...(reason !== undefined && { reason }) };
  const token = tokenOf(options);
  const { record = "" } = unwrap(
    await postOrder({ server, token, timeoutMs: ORDER_TIMEOUT_MS }, path, told),
  );
  say(record === "" ? "done." : `done: qmesh explain ${record}`);
  return EXIT.fine;
}

export function tokenOf({
  data,
  tokenFile = localTokenFile(data),
}: Pick<OrderOptions, "data" | "tokenFile">): string {
  return readToken(tokenFile);
}

function readToken(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(
      `${file}: cannot be read (${code}): name the data folder of the control plane with --data, or a token with --token-file.`,
    );
  }
}

export function unwrap<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value;
  throw new Failure(answer.reason, answer.isTimeout ? EXIT.timedOut : EXIT.failed);
}
