import { isDnsLabel } from "./characters.ts";
import { equals } from "./memory.ts";
import { isSound, refuse, refuseValue } from "./reading.ts";
import { Config, Name, Scope, Tier } from "./records.ts";

/** The bounds filter_config.proto names, checked once a message has been read whole. */
export enum Mode {
  Off = 0,
  Shadow = 1,
  Enforce = 2,
}

export enum Role {
  Limiting = 0,
  Outbound = 1,
}

const READER: u32 = 1;
const MAX_LIMIT: u32 = 100000;

export function checkConfig(config: Config): bool {
  if (config.format === 0) return refuse("format", " is missing");
  if (config.minReader === 0) return refuse("min_reader", " is missing");
  if (config.minReader > READER) {
    return refuseValue("min_reader", config.minReader, " is above this filter's reader ", READER);
  }
  return isSound();
}

export function checkTier(tier: Tier, earlier: Tier | null): bool {
  if (!isDnsLabel(tier.name, tier.nameSize)) return refuse("name", " is not a DNS label");
  let other: Tier | null = earlier;
  while (other !== null) {
    if (equals(other.name, other.nameSize, tier.name, tier.nameSize)) {
      return refuse("name", " stands twice");
    }
    other = other.next;
  }
  return true;
}

export function checkScope(scope: Scope, earlier: Scope | null): bool {
  if (!isDnsLabel(scope.name, scope.nameSize)) return refuse("name", " is not a DNS label");
  let other: Scope | null = earlier;
  while (other !== null) {
    if (equals(other.name, other.nameSize, scope.name, scope.nameSize)) {
      return refuse("name", " stands twice");
    }
    other = other.next;
  }
  if (scope.mode > <u32>Mode.Enforce) return refuseValue("mode", scope.mode, " is above ", 2);
  if (scope.role > <u32>Role.Outbound) return refuseValue("role", scope.role, " is above ", 1);
  if (!checkNames(scope.clusters)) return refuse("clusters", " hold an empty name");
  if (!checkNames(scope.routes)) return refuse("routes", " hold an empty name");
  if (scope.tierCount === 0) return refuse("tiers", " are missing");
  if (scope.unmatched >= scope.tierCount) {
    return refuseValue(
      "unmatched",
      scope.unmatched,
      " is not below the number of tiers, ",
      scope.tierCount,
    );
  }
  let tier: Tier | null = scope.tiers;
  while (tier !== null) {
    if (tier.index === scope.unmatched) scope.unmatchedTier = tier;
    tier = tier.next;
  }
  if (scope.status !== 429 && scope.status !== 503) {
    return refuseValue("answer.status", scope.status, " is neither 429 nor ", 503);
  }
  return checkLimit(scope);
}

function checkLimit(scope: Scope): bool {
  if (scope.limitMin === 0) return refuseValue("limit.min", 0, " is below ", 1);
  if (scope.limitMin > scope.limitMax) {
    return refuseValue("limit.min", scope.limitMin, " is above max ", scope.limitMax);
  }
  if (scope.limitMax > MAX_LIMIT) {
    return refuseValue("limit.max", scope.limitMax, " is above ", MAX_LIMIT);
  }
  if (scope.limitInitial < scope.limitMin) {
    return refuseValue("limit.initial", scope.limitInitial, " is below min ", scope.limitMin);
  }
  if (scope.limitInitial > scope.limitMax) {
    return refuseValue("limit.initial", scope.limitInitial, " is above max ", scope.limitMax);
  }
  return true;
}

function checkNames(names: Name | null): bool {
  let name: Name | null = names;
  while (name !== null) {
    if (name.size === 0) return false;
    name = name.next;
  }
  return true;
}
