import { type Arm, type Counts, type Evidence, SLOW_MS } from "../../evidence/evidence.ts";
import type { Maintenance } from "../../policy/intent/maintenance.ts";
import type { Slo } from "../../policy/intent/slo.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import { leftOutArm, sliceArm, tierArm } from "./account-arms.ts";
import { requestsOf } from "./indicator.ts";
import { isOpen } from "./maintenance.ts";

/**
 * What objectives are judged by where that is not what was counted, told once a second to the evidence, which keeps it as long
 * as an objective looks back: each slice of time as one good or bad, once it is over; the requests of one
 * tier; and the seconds that a Maintenance leaves out, to be taken off again. So it holds what was judged when it was there, whatever documents say later.
 */
export type Account = readonly [Arm, Omit<Counts, "seconds" | "voidSeconds">];

/** Of the seconds from `since` to the tick of the evidence, which were all judged before. */
export function accountsOf(
  { slos, maintenances }: Pick<PolicySet, "slos" | "maintenances">,
  evidence: Evidence,
  since: number,
): readonly Account[] {
  const { tick } = evidence;
  if (since >= tick) return [];
  const services = [...new Set(slos.map(({ service }) => service))];
  const left = services
    .filter((service) => isLeftOut(service, maintenances, tick - 1))
    .flatMap((service): Account[] => {
      const counts = evidence.countsOf({ service }, Math.min(MOST_SECONDS, tick - since));
      return counts.seconds === 0 ? [] : [[leftOutArm(service), counts]];
    });
  const at = { maintenances, evidence, since };
  const own = slos.map((slo) => sliceOf(slo, at) ?? tierOf(slo, at));
  return [...left, ...own.filter((each) => each !== undefined)];
}

/** A control plane that was held up does not account for what it may have forgotten. */
const MOST_SECONDS = 60;

interface Since {
  readonly maintenances: readonly Maintenance[];
  readonly evidence: Evidence;
  readonly since: number;
}

/** Requests of a tier are sampled, and kept for an hour: an objective looks back for longer. */
function tierOf(slo: Slo, { maintenances, evidence, since }: Since): Account | undefined {
  const { tier, timeslice, service } = slo;
  const isOwn = tier !== undefined && timeslice === undefined;
  if (!isOwn || isLeftOut(service, maintenances, evidence.tick - 1)) return undefined;
  const found = requestsOf(slo, evidence, Math.min(MOST_SECONDS, evidence.tick - since));
  if (found === undefined) return undefined;
  return [tierArm(slo), { requests: found.total, errors: found.bad, timed: 0, slow: NO_TIMES }];
}

/** The newest slice that ended since then; undefined: none did, or too little of it is known, or a window left it out. */
function sliceOf(slo: Slo, at: Since): Account | undefined {
  const { timeslice, service } = slo;
  if (timeslice === undefined) return undefined;
  const { evidence, since, maintenances } = at;
  const end = evidence.tick - (evidence.tick % timeslice.seconds);
  const first = end - timeslice.seconds;
  if (end <= since) return undefined;
  if ([first, end - 1].some((tick) => isLeftOut(service, maintenances, tick))) return undefined;
  const whole = requestsOf(slo, evidence, evidence.tick - first);
  const after = end === evidence.tick ? undefined : requestsOf(slo, evidence, evidence.tick - end);
  if (whole === undefined) return undefined;
  const total = whole.total - (after?.total ?? 0);
  const seconds = whole.seconds - (after?.seconds ?? 0);
  if (total <= 0 || seconds < timeslice.seconds * LEAST_SEEN) return undefined;
  const bad = whole.bad - (after?.bad ?? 0);
  const isBad = 1 - bad / total < timeslice.target;
  return [sliceArm(slo), { requests: 1, errors: Number(isBad), timed: 0, slow: NO_TIMES }];
}

/** Of its seconds, to judge a slice. */
const LEAST_SEEN = 0.5;
const NO_TIMES = SLOW_MS.map(() => 0);

function isLeftOut(service: string, maintenances: readonly Maintenance[], tick: number): boolean {
  return maintenances.some(
    (each) => each.sloExclude && (each.scope.service ?? service) === service && isOpen(each, tick),
  );
}
