import { checkConfig, checkScope, checkTier } from "./config-check.ts";
import { addCommonKeys } from "./keys.ts";
import { decodeMatch } from "./match-config.ts";
import { broken, into, make, open, readBytes, readU32, refuse, wire } from "./reading.ts";
import { Config, Name, Region, Scope, Tier } from "./records.ts";
import { decodeMemory, decodeTenant } from "./share-config.ts";
import { makeStamp } from "./stamp.ts";
import { cutText } from "./text.ts";

/**
 * Decodes `qmesh.filter.v1.FilterConfig` (proto/qmesh/filter/v1/filter_config.proto) and checks every bound that page names.
 * The first thing wrong ends it: the answer is null and the text under construction says what, with its path
 * (`scopes[0].limit.min 9 is above max 4`). Unknown fields are skipped, so an older filter runs a newer writer's
 * configuration unless the writer forbids it with `min_reader`.
 */
const MAX_SCOPES: u32 = 32;
const MAX_TIERS: u32 = 8;
const MAX_MATCHES: u32 = 16;

/** `ptr` must outlive the configuration: records point into it. */
export function decodeConfig(ptr: usize, size: u32, region: Region): Config | null {
  cutText(0);
  open(ptr, size, region);
  const config = changetype<Config>(make(offsetof<Config>()));
  while (wire.next()) {
    let isRead = true;
    if (wire.field === 1) {
      isRead = readU32("format");
      config.format = <u32>wire.value;
    } else if (wire.field === 2) {
      isRead = readU32("min_reader");
      config.minReader = <u32>wire.value;
    } else if (wire.field === 3) {
      isRead = decodeScope(config);
    }
    if (!isRead) return null;
  }
  return checkConfig(config) ? config : null;
}

function decodeScope(config: Config): bool {
  if (config.scopeCount === MAX_SCOPES) return refuse("scopes", " are more than 32");
  const mark = into("scopes", config.scopeCount);
  if (!readBytes("")) return false;
  const scope = changetype<Scope>(make(offsetof<Scope>()));
  addCommonKeys(scope);
  const outerEnd = wire.enter();
  while (wire.next()) {
    if (!decodeScopeField(scope)) return false;
  }
  if (!checkScope(scope, config.scopes)) return false;
  wire.leave(outerEnd);
  const last = config.lastScope;
  if (last === null) config.scopes = scope;
  else last.next = scope;
  config.lastScope = scope;
  config.scopeCount++;
  cutText(mark);
  return true;
}

function decodeScopeField(scope: Scope): bool {
  switch (wire.field) {
    case 1:
      if (!readBytes("name")) return false;
      scope.name = wire.ptr;
      scope.nameSize = wire.size;
      return true;
    case 2:
      if (!readU32("mode")) return false;
      scope.mode = <u32>wire.value;
      return true;
    case 3:
      if (!readBytes("clusters")) return false;
      scope.clusters = named(scope.clusters);
      return true;
    case 4:
      if (!readBytes("routes")) return false;
      scope.routes = named(scope.routes);
      return true;
    case 5:
      return decodeTier(scope);
    case 6:
      if (!readU32("unmatched")) return false;
      scope.unmatched = <u32>wire.value;
      return true;
    case 7:
      return decodeLimit(scope);
    case 8:
      return decodeAnswer(scope);
    case 9:
      return decodeExempt(scope);
    case 10:
      return decodeMemory(scope);
    case 11:
      return decodeTenant(scope);
    case 12:
      if (!readU32("export_load")) return false;
      scope.isLoadExported = wire.value !== 0;
      return true;
    default:
      return true;
  }
}

/** Order does not matter among names that mean "any of these", so the newest comes first. */
function named(rest: Name | null): Name {
  const name = changetype<Name>(make(offsetof<Name>()));
  name.ptr = wire.ptr;
  name.size = wire.size;
  name.next = rest;
  return name;
}

function decodeLimit(scope: Scope): bool {
  const mark = into("limit", -1);
  if (!readBytes("")) return false;
  const outerEnd = wire.enter();
  while (wire.next()) {
    if (wire.field === 1) {
      if (!readU32("min")) return false;
      scope.limitMin = <u32>wire.value;
    } else if (wire.field === 2) {
      if (!readU32("max")) return false;
      scope.limitMax = <u32>wire.value;
    } else if (wire.field === 3) {
      if (!readU32("initial")) return false;
      scope.limitInitial = <u32>wire.value;
    }
  }
  if (wire.isBroken) return broken();
  wire.leave(outerEnd);
  cutText(mark);
  return true;
}

function decodeAnswer(scope: Scope): bool {
  const mark = into("answer", -1);
  if (!readBytes("")) return false;
  const outerEnd = wire.enter();
  while (wire.next()) {
    if (wire.field === 1) {
      if (!readU32("status")) return false;
      scope.status = <u32>wire.value;
    } else if (wire.field === 2) {
      if (!readU32("retry_after")) return false;
      scope.isRetryAfterSent = wire.value !== 0;
    }
  }
  if (wire.isBroken) return broken();
  wire.leave(outerEnd);
  cutText(mark);
  return true;
}

function decodeExempt(scope: Scope): bool {
  if (scope.exemptCount === MAX_MATCHES) return refuse("exempt", " are more than 16");
  const mark = into("exempt", scope.exemptCount);
  const match = decodeMatch(scope);
  if (match === null) return false;
  const last = scope.lastExempt;
  if (last === null) scope.exempt = match;
  else last.next = match;
  scope.lastExempt = match;
  scope.exemptCount++;
  cutText(mark);
  return true;
}

function decodeTier(scope: Scope): bool {
  if (scope.tierCount === MAX_TIERS) return refuse("tiers", " are more than 8");
  const mark = into("tiers", scope.tierCount);
  if (!readBytes("")) return false;
  const tier = changetype<Tier>(make(offsetof<Tier>()));
  const outerEnd = wire.enter();
  while (wire.next()) {
    if (wire.field === 1) {
      if (!readBytes("name")) return false;
      tier.name = wire.ptr;
      tier.nameSize = wire.size;
    } else if (wire.field === 2) {
      if (!decodeTierMatch(scope, tier)) return false;
    }
  }
  if (!checkTier(tier, scope.tiers)) return false;
  wire.leave(outerEnd);
  tier.index = scope.tierCount;
  tier.stamp = makeStamp(tier.name, tier.nameSize);
  const last = scope.lastTier;
  if (last === null) scope.tiers = tier;
  else last.next = tier;
  scope.lastTier = tier;
  scope.tierCount++;
  cutText(mark);
  return true;
}

function decodeTierMatch(scope: Scope, tier: Tier): bool {
  if (tier.matchCount === MAX_MATCHES) return refuse("matches", " are more than 16");
  const mark = into("matches", tier.matchCount);
  const match = decodeMatch(scope);
  if (match === null) return false;
  const last = tier.lastMatch;
  if (last === null) tier.matches = match;
  else last.next = match;
  tier.lastMatch = match;
  tier.matchCount++;
  cutText(mark);
  return true;
}
