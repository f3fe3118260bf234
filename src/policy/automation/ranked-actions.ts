/**
 * The actions of a Policy against each other and against what bounds them: a rank that is never reached, a guard or a floor that forbids
 * what is asked, a rate beyond the bounds of its RateLimit.
 */

import { canonical } from "../digest.ts";
import type { Draft } from "../draft.ts";
import type { Drafts } from "../drafts.ts";
import type { Path } from "../path.ts";
import { toRps } from "../rate.ts";
import { printSpan } from "../span.ts";
import { type ActionSpec, kindsOf } from "./action.ts";
import type { PolicySpec } from "./policy.ts";

export function checkRankedActions(drafts: Drafts): void {
  for (const draft of drafts.Policy) {
    checkRanks(draft);
    checkTimes(draft);
    for (const [index, action] of draft.spec.then.entries()) {
      checkGuard(draft, action, ["then", index]);
      checkFloors(draft, action, { path: ["then", index], drafts });
      checkLimitedFloors(draft, action, { path: ["then", index], drafts });
      checkBounds(draft, action, { path: ["then", index], drafts });
    }
  }
}

function checkRanks(draft: Draft<PolicySpec>): void {
  const { then } = draft.spec;
  const told = then.findIndex((action) => isOnly(action, "notify"));
  const seen = new Map<string, number>();
  for (const [index, action] of then.entries()) {
    if (draft.isDamaged(["then", index]) || kindsOf(action).length === 0) continue;
    const isTelling = isOnly(action, "notify");
    const key = canonical(action);
    const twin = seen.get(key) ?? weakerThan(action, then.slice(0, index));
    seen.set(key, seen.get(key) ?? index);
    if (told >= 0 && told < index && !isTelling) {
      const first = draft.indexOf(["then", told]);
      const message = `is never reached: then[${first}] only tells, which is always allowed; put it last`;
      draft.wrong("QM0225", ["then", index], message);
    } else if (twin !== undefined) {
      const first = draft.indexOf(["then", twin]);
      draft.wrong("QM0225", ["then", index], `does no more than then[${first}], tried before it`);
    }
  }
}

function isOnly(action: ActionSpec, kind: string): boolean {
  const kinds = kindsOf(action);
  return kinds.length === 1 && kinds[0] === kind;
}

/** The index of an action before it that lowers the same limit, for the same tiers, as far or further. */
function weakerThan(action: ActionSpec, before: readonly ActionSpec[]): number | undefined {
  const mine = action.rateLimit;
  if (mine?.factor === undefined || mine.factor >= 1) return undefined;
  const { name, tiers, factor } = mine;
  const found = before.findIndex(({ rateLimit }) => {
    if (rateLimit?.factor === undefined || rateLimit.name !== name) return false;
    const covers = rateLimit.tiers.length === 0 || includesAll(rateLimit.tiers, tiers);
    return covers && rateLimit.factor <= factor;
  });
  return found < 0 ? undefined : found;
}

function includesAll(all: readonly string[], some: readonly string[]): boolean {
  return some.length > 0 && some.every((each) => all.includes(each));
}

/** Ends that come before what they should wait for. */
function checkTimes(draft: Draft<PolicySpec>): void {
  const { verify, revert, guard } = draft.spec;
  for (const field of ["onNoEffect", "ttl"] as const) {
    const end = revert?.[field];
    if (end === undefined) continue;
    if (verify !== undefined && end < verify.sustained) {
      const message = `${printSpan(end)} is before an improvement is sustained, ${printSpan(verify.sustained)}`;
      draft.wrong("QM0127", ["revert", field], message);
    }
    if (field === "ttl" && guard.shadowFirst !== undefined && guard.shadowFirst >= end) {
      const message = `lasts ${printSpan(guard.shadowFirst)}, and revert.ttl ends all after ${printSpan(end)}`;
      draft.wrong("QM0226", ["guard", "shadowFirst"], message);
    }
  }
}

/** What the guard of the same Policy never lets happen. */
function checkGuard(draft: Draft<PolicySpec>, action: ActionSpec, path: Path): void {
  const { floor, maxTrafficShare } = draft.spec.guard;
  const { mirror, fault, shed, rateLimit } = action;
  const touched: readonly [Path, number | undefined][] = [
    [["mirror", "share"], mirror?.share],
    [["fault", "abort", "share"], fault?.abort?.share],
    [["fault", "delay", "share"], fault?.delay?.share],
  ];
  for (const [field, share] of touched) {
    if (share === undefined || maxTrafficShare === undefined || share <= maxTrafficShare) continue;
    const message = `${percent(share)} is above guard.maxTrafficShare, ${percent(maxTrafficShare)}`;
    draft.wrong("QM0226", [...path, ...field], message);
  }
  for (const [tier, least] of Object.entries(floor)) {
    const share = shed?.tiers[tier];
    if (share !== undefined && share < least) {
      const message = `${percent(share)} is below guard.floor of ${tier}, ${percent(least)}`;
      draft.wrong("QM0226", [...path, "shed", "tiers", tier], message);
    }
    const isLimited = rateLimit !== undefined && holds(rateLimit.tiers, tier);
    if (isLimited && rateLimit.factor !== undefined && rateLimit.factor < least) {
      const message = `${rateLimit.factor} is below guard.floor of ${tier}, ${percent(least)}`;
      draft.wrong("QM0226", [...path, "rateLimit", "factor"], message);
    }
  }
}

function holds(tiers: readonly string[], tier: string): boolean {
  return tiers.length === 0 || tiers.includes(tier);
}

/** Floors of the Shedding itself. */
function checkFloors(
  draft: Draft<PolicySpec>,
  { shed }: ActionSpec,
  { path, drafts }: { path: Path; drafts: Drafts },
): void {
  const shedding = drafts.Shedding.find(({ name }) => name === shed?.shedding);
  for (const [tier, share] of Object.entries(shed?.tiers ?? {})) {
    const least = shedding?.spec.tiers.find(({ name }) => name === tier)?.floor ?? 0;
    if (share >= least) continue;
    const message = `${percent(share)} is below the floor of the tier, ${least}, in Shedding ${shedding?.name} (${shedding?.place})`;
    draft.wrong("QM0227", [...path, "shed", "tiers", tier], message);
  }
  const { max } = shed ?? {};
  const least = shedding?.spec.limit.min;
  if (max === undefined || least === undefined || max >= least) return;
  const message = `${max} is below limit.min, ${least}, of Shedding ${shedding?.name} (${shedding?.place})`;
  draft.wrong("QM0227", [...path, "shed", "max"], message);
}

/** A rate limit refuses before tiers are looked at: what it leaves of all is what it leaves of each tier it holds. */
function checkLimitedFloors(
  draft: Draft<PolicySpec>,
  { rateLimit }: ActionSpec,
  { path, drafts }: { path: Path; drafts: Drafts },
): void {
  const limit = drafts.RateLimit.find(({ name }) => name === rateLimit?.name);
  const { factor, tiers = [] } = rateLimit ?? {};
  if (limit === undefined || factor === undefined) return;
  const target = canonical(limit.spec.target);
  for (const { name, place, spec } of drafts.Shedding) {
    if (canonical(spec.target) !== target) continue;
    const broken = spec.tiers.find((tier) => factor < (tier.floor ?? 0) && holds(tiers, tier.name));
    if (broken === undefined) continue;
    const message = `${factor} is below the floor of tier ${broken.name}, ${broken.floor}, in Shedding ${name} (${place}) of the same target; name the tiers it may hold`;
    draft.wrong("QM0227", [...path, "rateLimit", "factor"], message);
  }
}

function checkBounds(
  draft: Draft<PolicySpec>,
  { rateLimit }: ActionSpec,
  { path, drafts }: { path: Path; drafts: Drafts },
): void {
  const limit = drafts.RateLimit.find(({ name }) => name === rateLimit?.name);
  if (rateLimit === undefined || limit === undefined) return;
  const { rate: written, bounds = {} } = limit.spec;
  const at = [...path, "rateLimit"];
  const { factor, rate } = rateLimit;
  if (factor === undefined && rate === undefined) {
    if (bounds.min !== undefined || limit.isDamaged(["bounds"])) return;
    const message = `has no factor and no rate, and RateLimit ${limit.name} has no bounds.min to fall to`;
    draft.lacks("QM0115", at, message);
    return;
  }
  if (factor !== undefined && written === undefined) return;
  const asked = rate === undefined ? (factor ?? 1) * toRps(written ?? ONE) : toRps(rate);
  const field = rate === undefined ? "factor" : "rate";
  const { min, max } = bounds;
  const place = `of RateLimit ${limit.name} (${limit.place})`;
  if (min !== undefined && asked < toRps(min)) {
    draft.wrong(
      "QM0227",
      [...at, field],
      `${asked}/s is below bounds.min, ${toRps(min)}/s, ${place}`,
    );
  } else if (max !== undefined && asked > toRps(max)) {
    draft.wrong(
      "QM0227",
      [...at, field],
      `${asked}/s is above bounds.max, ${toRps(max)}/s, ${place}`,
    );
  }
}

const ONE = { requests: 1, perMs: 1000 };

function percent(ratio: number): string {
  return `${Number((ratio * 100).toPrecision(6))}%`;
}
