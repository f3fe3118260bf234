import { canonical } from "../policy/digest.ts";
import { words } from "./account.ts";
import { type Incident, subjectKey } from "./incident-records.ts";
import { type Deed, deed, deedsOf, outcomeWords, safe, section, told } from "./markdown.ts";
import { type AuditRecord, ENGINE } from "./record.ts";

/**
 * The five things to look at while an incident is open: objectives and budgets; what automation did lately; whether the log
 * and what is in force agree; whether automation makes it worse; the postmortem.
 */
export interface RuntimeState {
  readonly objectives: readonly {
    readonly name: string;
    readonly targetRatio: number;
    /** Absent: not known. */
    readonly attainedRatio?: number;
    /** Below 0 once it is spent. */
    readonly budgetLeftRatio?: number;
  }[];
  /** What is laid over the intent now, by subject (`Rollout/checkout`), in the words of an action's record. */
  readonly inForce: ReadonlyMap<string, AuditRecord["body"][string]>;
  readonly isFrozen: boolean;
}

export function incidentReport(incident: Incident, state: RuntimeState): string {
  const { id, records, meanwhile } = incident;
  const deeds = deedsOf(records).filter(({ record }) => record.actor === ENGINE);
  const parts = [
    `# Incident ${safe(id)}\n`,
    section(
      "1. Objectives and budgets",
      state.objectives.map(objective),
      "No objective is declared.",
    ),
    section("2. Recent automated actions", deeds.map(acted), "Automation did nothing."),
    section(
      "3. The log against what is in force",
      compared(records, state),
      "Neither names anything.",
    ),
    section("4. Is automation making it worse?", [verdict(deeds, state)], ""),
    section("5. Postmortem", [`- \`qmesh postmortem ${safe(id)}\``], ""),
    section(
      "What people did",
      [...records.filter(({ actor }) => actor !== ENGINE), ...meanwhile].map(deed),
      "Nothing.",
    ),
  ];
  return parts.join("\n");
}

function objective({
  name,
  targetRatio,
  attainedRatio,
  budgetLeftRatio,
}: RuntimeState["objectives"][number]): string {
  const attained = attainedRatio === undefined ? "not known" : percent(attainedRatio);
  const left = budgetLeftRatio === undefined ? "not known" : percent(budgetLeftRatio);
  const state = budgetLeftRatio !== undefined && budgetLeftRatio <= 0 ? " **spent**" : "";
  return `- ${safe(name)}: ${attained} of ${percent(targetRatio)}; budget left: ${left}${state}.`;
}

function acted(deed: Deed): string {
  return told(deed.record, `${safe(deed.action)}; ${outcomeWords(deed, "no outcome yet")}`);
}

/** Per subject the last action of the log beside what is in force. */
function compared(records: readonly AuditRecord[], { inForce }: RuntimeState): string[] {
  const logged = new Map(
    records.filter(({ kind }) => kind === "action").map((record) => [subjectKey(record), record]),
  );
  const subjects = [...new Set([...logged.keys(), ...inForce.keys()])].sort();
  return subjects.map((subject) => {
    const record = logged.get(subject);
    // An action `null` gives a subject back to the intent.
    const said = record?.body.action ?? null;
    const is = inForce.get(subject) ?? null;
    const agree = canonical(said) === canonical(is);
    const log = record === undefined ? "nothing" : `${inWords(said)} (${record.id})`;
    return `- ${safe(subject)}: log: ${safe(log)}; in force: ${safe(inWords(is))}; ${agree ? "they agree" : "**they differ**"}.`;
  });
}

function inWords(action: AuditRecord["body"][string]): string {
  return action === null ? "the intent alone" : words(action);
}

function verdict(deeds: readonly Deed[], { isFrozen }: RuntimeState): string {
  const judged = deeds.filter(({ outcomes }) => outcomes.length > 0);
  const harmful = judged.filter(({ outcomes }) => outcomes.at(-1)?.result === "harm");
  const ids = harmful.map(({ record }) => safe(record.id)).join(", ");
  const frozen = isFrozen
    ? "Automation is frozen."
    : "To stop it: `qmesh freeze`; to set a value for a while: `qmesh override`.";
  if (harmful.length > 0)
    return `- Yes: ${harmful.length} of ${judged.length} actions with an outcome did harm (${ids}). ${frozen}`;
  if (judged.length === 0) return `- Not known: no action has an outcome yet. ${frozen}`;
  return `- Not by its own outcomes: none of ${judged.length} did harm. ${frozen}`;
}

function percent(ratio: number): string {
  return `${Number((100 * ratio).toPrecision(5))} %`;
}
