import { checkIncident, type IncidentCheck, type ObjectiveNow } from "../../audit/incident.ts";
import { type Incident, readIncident, subjectKey } from "../../audit/incident-records.ts";
import type { AuditReader } from "../../audit/reader.ts";
import type { AuditRecord } from "../../audit/record.ts";
import { rolloutStanding, standingOf } from "../../audit/standing.ts";
import { servicesOf } from "../../decide/engine/problem.ts";
import type { EngineState } from "../../decide/engine/state.ts";
import type { Evidence } from "../../evidence/evidence.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import { serviceViews } from "./services.ts";

interface Now {
  readonly reader: AuditReader;
  readonly state: EngineState;
  readonly policySet: PolicySet;
  readonly evidence: Evidence;
}

/** An incident of the log beside what is so now; undefined: the log has no such record. */
export async function findIncidentCheck(
  id: string,
  { reader, state, policySet, evidence }: Now,
): Promise<IncidentCheck | undefined> {
  const incident = await readIncident(reader, id);
  if (incident === undefined) return undefined;
  const services = servicesAbout(incident, policySet, evidence);
  const standing = inForce(state);
  const subjects = incident.records.map(subjectKey);
  return checkIncident(
    incident,
    {
      objectives: objectivesOf(services, policySet, evidence),
      inForce: new Map([...standing].filter(([subject]) => subjects.includes(subject))),
      isFrozen: state.frozen !== undefined,
    },
    await newestStandings(reader, incident),
  );
}

/** Enough to come to the last thing that changed a subject; what is older says nothing of now. */
const LOOKED_AT = 1000;

async function newestStandings(
  reader: AuditReader,
  { records }: Incident,
): Promise<readonly AuditRecord[]> {
  const subjects = new Map(records.map((record) => [subjectKey(record), record.subject]));
  const found: AuditRecord[] = [];
  for (const subject of subjects.values()) {
    if (subject.kind !== "Policy" && subject.kind !== "Rollout") continue;
    const page = await reader.list({ subject, limit: LOOKED_AT });
    found.push(...page.records.filter((each) => standingOf(each) !== undefined).slice(0, 1));
  }
  return found;
}

function inForce({ policies, rollouts }: EngineState): Map<string, AuditRecord["body"][string]> {
  return new Map([
    ...Object.entries(policies).flatMap(([name, { active }]) =>
      active?.action === undefined ? [] : [[`Policy/${name}`, asJson(active.action)] as const],
    ),
    ...Object.entries(rollouts).map(
      ([name, { phase }]) => [`Rollout/${name}`, rolloutStanding(phase)] as const,
    ),
  ]);
}

/** As the log has it. */
function asJson(value: object): AuditRecord["body"][string] {
  return JSON.parse(JSON.stringify(value)) as AuditRecord["body"][string];
}

/** By the documents its subjects are; none named: all. */
function servicesAbout(
  { records }: Incident,
  policySet: PolicySet,
  evidence: Evidence,
): readonly string[] {
  const named = records.flatMap(({ subject: { kind, name } }): readonly string[] => {
    const isOf = (each: { readonly name: string }) => each.name === name;
    if (kind === "SLO") return policySet.slos.filter(isOf).map(({ service }) => service);
    if (kind === "Rollout") return policySet.rollouts.filter(isOf).map(({ service }) => service);
    if (kind !== "Policy") return [];
    return policySet.policies
      .filter(isOf)
      .flatMap((policy) => servicesOf(policy, { policySet, evidence }));
  });
  const services = new Set(named);
  return policySet.services
    .map(({ name }) => name)
    .filter((name) => services.size === 0 || services.has(name));
}

function objectivesOf(
  names: readonly string[],
  policySet: PolicySet,
  evidence: Evidence,
): ObjectiveNow[] {
  const services = policySet.services.filter(({ name }) => names.includes(name));
  return serviceViews({ ...policySet, services }, evidence)
    .flatMap(({ objectives }) => objectives)
    .map(({ name, target, attained, budgetLeft }) => ({
      name,
      targetRatio: target,
      ...(attained !== undefined && { attainedRatio: attained }),
      ...(budgetLeft !== undefined && { budgetLeftRatio: budgetLeft }),
    }));
}
