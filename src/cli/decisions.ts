import { setTimeout as sleep } from "node:timers/promises";
import { fetchAnswer } from "../api/client.ts";
import { pageOf } from "../api/v1/page.ts";
import { type DecisionView, decisionView } from "../api/view/decision.ts";
import { decisionRows } from "./automation-tables.ts";
import type { AskOptions } from "./automation-verbs.ts";
import { EXIT, Failure } from "./exit-code.ts";
import { formatOneOfMany, printStructured } from "./output.ts";
import { textTable } from "./text-table.ts";
import { unwrap } from "./unwrap.ts";

/**
 * `qmesh decisions`: with `--since` all of them from there on, else the newest; `--until` ends both, and what `-f` waits for. The
 * log is read page by page, so nothing of a window is left out, however much it holds.
 */
export interface DecisionsOptions extends AskOptions {
  readonly follow?: boolean;
  readonly kind?: string;
  readonly subject?: string;
  /** ISO 8601, UTC, both included. */
  readonly since?: string;
  readonly until?: string;
}

const page = pageOf(decisionView);
const PAGE = 1000;
/** Without `--since`. */
const NEWEST = 100;
const FOLLOW_MS = 1000;

export async function showDecisions(options: DecisionsOptions): Promise<number> {
  const { output, follow = false, since, until } = options;
  if (since !== undefined && until !== undefined && since > until)
    throw new Failure(`--since (${since}) is after --until (${until}).`, EXIT.usage);
  let shown = await readWindow(options);
  if (output !== "table" && !follow) {
    printStructured(shown, output);
    return EXIT.fine;
  }
  process.stdout.write(decisionText(shown, output, true));
  const known = new Set(shown.map(({ id }) => id));
  for (let isOver = !follow || isPast(until); !isOver; ) {
    // Looked at before the log is: what came until then is still shown.
    isOver = isPast(until);
    const from = shown.at(-1)?.at ?? since;
    const read = await readWindow({ ...options, ...(from !== undefined && { since: from }) });
    const fresh = read.filter(({ id }) => !known.has(id));
    if (fresh.length > 0) {
      shown = fresh;
      for (const { id } of fresh) known.add(id);
      process.stdout.write(decisionText(fresh, output, false));
    }
    if (!isOver) await sleep(FOLLOW_MS);
  }
  return EXIT.fine;
}

function isPast(until: string | undefined): boolean {
  return until !== undefined && Date.parse(until) < Date.now();
}

/** Oldest first. A page may be short, or empty, and not be the last. */
async function readWindow(options: DecisionsOptions): Promise<readonly DecisionView[]> {
  const { server, kind, subject, since: from, until: to } = options;
  const limit = from === undefined ? NEWEST : PAGE;
  const found: DecisionView[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ limit: String(limit) });
    for (const [name, value] of Object.entries({ kind, subject, from, to, cursor }))
      if (value !== undefined) query.set(name, value);
    const { items, next } = unwrap(await fetchAnswer({ server }, `/v1/decisions?${query}`, page));
    found.push(...items);
    cursor = next;
  } while (cursor !== undefined && (from !== undefined || found.length < NEWEST));
  return (from === undefined ? found.slice(0, NEWEST) : found).toReversed();
}

function decisionText(
  decisions: readonly DecisionView[],
  output: AskOptions["output"],
  hasHead: boolean,
): string {
  if (output === "table") return textTable(decisionRows(decisions).slice(hasHead ? 0 : 1));
  return decisions.map((each) => formatOneOfMany(each, output)).join("");
}
