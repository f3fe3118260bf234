import { canonical } from "../policy/digest.ts";
import { accountOf, words } from "./account.ts";
import { type Incident, subjectKey } from "./incident-records.ts";
import { type Deed, deedsOf, isJudged, movesOf, safe, section, timeOf } from "./markdown.ts";
import { type AuditRecord, ENGINE } from "./record.ts";
import { standingOf } from "./standing.ts";

/** What is so now. */
export interface RuntimeState {
  /** Of the services the incident is about. */
  readonly objectives: readonly ObjectiveNow[];
  /** By subject (`Rollout/checkout`): an action in the words of its record, or how a Rollout stands. */
  readonly inForce: ReadonlyMap<string, AuditRecord["body"][string]>;
  readonly isFrozen: boolean;
}

export interface ObjectiveNow {
  readonly name: string;
  readonly targetRatio: number;
  /** Absent: not known. */
  readonly attainedRatio?: number;
  /** Below 0 once it is spent. */
  readonly budgetLeftRatio?: number;
}

/**
 * The five things to look at while an incident is open: objectives and budgets; what automation did lately; whether the log
 * and what is in force agree; whether automation makes it worse; the postmortem.
 */
export interface IncidentCheck {
  readonly id: string;
  readonly objectives: readonly ObjectiveNow[];
  /** By automation, oldest first. */
  readonly actions: readonly Told[];
  readonly comparison: readonly Comparison[];
  readonly automation: {
    /** Actions with an outcome. */
    readonly judged: number;
    /** Ids of those that did harm. */
    readonly harmful: readonly string[];
    readonly isFrozen: boolean;
  };
  readonly postmortem: {
    /** Prints it, from the log. */
    readonly command: string;
    /** What it is about: `Rollout/checkout`, sorted. */
    readonly tags: readonly string[];
  };
  readonly people: readonly Told[];
}

interface Told {
  readonly record: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly subject: string;
  readonly what: string;
}

interface Comparison {
  readonly subject: string;
  readonly log: string;
  /** Record that says so; absent: none does. */
  readonly record?: string;
  readonly inForce: string;
  readonly agree: boolean;
}

/** `since`: what the log has about the same subjects, also after the incident's own records; by time. */
export function checkIncident(
  { id, records, meanwhile }: Incident,
  state: RuntimeState,
  since: readonly AuditRecord[] = records,
): IncidentCheck {
  const deeds = deedsOf(records).filter(({ record }) => record.actor === ENGINE);
  const moves = movesOf(records).filter(({ record }) => record.actor === ENGINE);
  const judged = deeds.filter(({ outcomes }) => outcomes.some(isJudged));
  const harmful = judged.filter(({ outcomes }) => outcomes.findLast(isJudged)?.result === "harm");
  const byPeople = [...records.filter(({ actor }) => actor !== ENGINE), ...meanwhile];
  return {
    id,
    objectives: state.objectives,
    actions: moves.map((deed) =>
      told(deed.record, `${deed.action}; ${rawOutcome(deed, "no outcome yet")}`),
    ),
    comparison: compare(since, state),
    automation: {
      judged: judged.length,
      harmful: harmful.map(({ record }) => record.id),
      isFrozen: state.isFrozen,
    },
    postmortem: {
      command: `qmesh postmortem ${id}`,
      tags: [...new Set(records.map(subjectKey))].sort(),
    },
    people: byPeople.map((record) => told(record, deedWords(record))),
  };
}

/** Per subject the last thing of the log beside what is in force. */
function compare(records: readonly AuditRecord[], { inForce }: RuntimeState): Comparison[] {
  const logged = new Map(
    records
      .filter((record) => standingOf(record) !== undefined)
      .map((record) => [subjectKey(record), record]),
  );
  const subjects = [...new Set([...logged.keys(), ...inForce.keys()])].sort();
  return subjects.map((subject) => {
    const record = logged.get(subject);
    const said = (record && standingOf(record)) ?? null;
    const is = inForce.get(subject) ?? null;
    return {
      subject,
      log: record === undefined ? "nothing" : inWords(said),
      ...(record !== undefined && { record: record.id }),
      inForce: inWords(is),
      agree: canonical(said) === canonical(is),
    };
  });
}

function inWords(action: AuditRecord["body"][string]): string {
  return action === null ? "the intent alone" : words(action);
}

function told(record: AuditRecord, what: string): Told {
  return { record: record.id, at: record.at, subject: subjectKey(record), what };
}

function rawOutcome({ outcomes }: Deed, none: string): string {
  return outcomes.length === 0 ? none : outcomes.map((each) => each.words).join(", then ");
}

function deedWords(record: AuditRecord): string {
  const { action, because } = accountOf(record);
  const what = action === undefined ? record.kind : `${record.kind}, ${action}`;
  const why = because.length > 0 ? because.join("; ") : "no reason was recorded";
  return `${what}, by ${record.actor}: ${why}`;
}

/** For a person, as markdown. */
export function incidentReport(check: IncidentCheck): string {
  const { id, objectives, actions, comparison, postmortem, people } = check;
  const parts = [
    `# Incident ${safe(id)}\n`,
    section("1. Objectives and budgets", objectives.map(objective), "No objective is declared."),
    section("2. Recent automated actions", actions.map(line), "Automation did nothing."),
    section(
      "3. The log against what is in force",
      comparison.map(compared),
      "Neither names anything.",
    ),
    section("4. Is automation making it worse?", [verdict(check)], ""),
    section(
      "5. Postmortem",
      [`- \`${safe(postmortem.command)}\`; tags: ${postmortem.tags.map(safe).join(", ")}`],
      "",
    ),
    section("What people did", people.map(line), "Nothing."),
  ];
  return parts.join("\n");
}

function objective({ name, targetRatio, attainedRatio, budgetLeftRatio }: ObjectiveNow): string {
  const attained = attainedRatio === undefined ? "not known" : percent(attainedRatio);
  const left = budgetLeftRatio === undefined ? "not known" : percent(budgetLeftRatio);
  const state = budgetLeftRatio !== undefined && budgetLeftRatio <= 0 ? " **spent**" : "";
  return `- ${safe(name)}: ${attained} of ${percent(targetRatio)}; budget left: ${left}${state}.`;
}

function line({ record, at, subject, what }: Told): string {
  return `- ${timeOf({ at })} ${safe(record)}, ${safe(subject)}: ${safe(what).replace(/\.$/, "")}.`;
}

function compared({ subject, log, record, inForce, agree }: Comparison): string {
  const by = record === undefined ? "" : ` (${safe(record)})`;
  return `- ${safe(subject)}: log: ${safe(log)}${by}; in force: ${safe(inForce)}; ${agree ? "they agree" : "**they differ**"}.`;
}

function verdict({ automation: { judged, harmful, isFrozen } }: IncidentCheck): string {
  const frozen = isFrozen
    ? "Automation is frozen."
    : "To stop it: `qmesh freeze`; to set a value for a while: `qmesh override`.";
  if (harmful.length > 0)
    return `- Yes: ${harmful.length} of ${judged} actions with an outcome did harm (${harmful.map(safe).join(", ")}). ${frozen}`;
  if (judged === 0) return `- Not known: no action has an outcome yet. ${frozen}`;
  return `- Not by its own outcomes: none of ${judged} did harm. ${frozen}`;
}

function percent(ratio: number): string {
  return `${Number((100 * ratio).toPrecision(5))} %`;
}
