import { checkConfig, checkScope, checkTier } from "./config-check.ts";
import { decodeMatch } from "./match-config.ts";
import { begin, end, make, open, readBytes, readU32, wire } from "./reading.ts";
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

/** `ptr` must outlive the configuration: records point into it. */
export function decodeConfig(ptr: usize, size: u32, region: Region): Config | null {
  cutText(0);
  open(ptr, size, region);
  const config = changetype<Config>(make(offsetof<Config>()));
  while (wire.next()) {
    if (wire.field === 1) config.format = readU32("format");
    else if (wire.field === 2) config.minReader = readU32("min_reader");
    else if (wire.field === 3) decodeScope(config);
  }
  return checkConfig(config) ? config : null;
}

function decodeScope(config: Config): void {
  if (!begin("scopes", config.scopeCount, MAX_SCOPES)) return;
  const scope = changetype<Scope>(make(offsetof<Scope>()));
  while (wire.next()) decodeScopeField(scope);
  if (!checkScope(scope, config.scopes)) return;
  const last = config.lastScope;
  if (last === null) config.scopes = scope;
  else last.next = scope;
  config.lastScope = scope;
  config.scopeCount++;
  end();
}

function decodeScopeField(scope: Scope): void {
  switch (wire.field) {
    case 1:
      readBytes("name");
      scope.name = wire.ptr;
      scope.nameSize = wire.size;
      break;
    case 2:
      scope.mode = readU32("mode");
      break;
    case 3:
      scope.clusters = decodeName("clusters", scope.clusters);
      break;
    case 4:
      scope.routes = decodeName("routes", scope.routes);
      break;
    case 5:
      decodeTier(scope);
      break;
    case 6:
      scope.unmatched = readU32("unmatched");
      break;
    case 7:
      decodeLimit(scope);
      break;
    case 8:
      decodeAnswer(scope);
      break;
    case 9:
      decodeExempt(scope);
      break;
    case 10:
      decodeMemory(scope);
      break;
    case 11:
      decodeTenant(scope);
      break;
    case 12:
      scope.role = readU32("role");
  }
}

/** Order does not matter among names that mean "any of these", so the newest comes first. */
function decodeName(field: usize, rest: Name | null): Name {
  readBytes(field);
  const name = changetype<Name>(make(offsetof<Name>()));
  name.ptr = wire.ptr;
  name.size = wire.size;
  name.next = rest;
  return name;
}

function decodeLimit(scope: Scope): void {
  if (!begin("limit")) return;
  while (wire.next()) {
    if (wire.field === 1) scope.limitMin = readU32("min");
    else if (wire.field === 2) scope.limitMax = readU32("max");
    else if (wire.field === 3) scope.limitInitial = readU32("initial");
  }
  end();
}

function decodeAnswer(scope: Scope): void {
  if (!begin("answer")) return;
  while (wire.next()) {
    if (wire.field === 1) scope.status = readU32("status");
    else if (wire.field === 2) scope.isRetryAfterSent = readU32("retry_after") !== 0;
    else if (wire.field === 3) scope.isLoadReported = readU32("load_report") !== 0;
  }
  end();
}

function decodeExempt(scope: Scope): void {
  const match = decodeMatch(scope, "exempt", scope.exemptCount);
  if (match === null) return;
  const last = scope.lastExempt;
  if (last === null) scope.exempt = match;
  else last.next = match;
  scope.lastExempt = match;
  scope.exemptCount++;
}

function decodeTier(scope: Scope): void {
  if (!begin("tiers", scope.tierCount, MAX_TIERS)) return;
  const tier = changetype<Tier>(make(offsetof<Tier>()));
  while (wire.next()) {
    if (wire.field === 1) {
      readBytes("name");
      tier.name = wire.ptr;
      tier.nameSize = wire.size;
    } else if (wire.field === 2) {
      decodeTierMatch(scope, tier);
    }
  }
  if (!checkTier(tier, scope.tiers)) return;
  tier.index = scope.tierCount;
  tier.stamp = makeStamp(tier.name, tier.nameSize);
  const last = scope.lastTier;
  if (last === null) scope.tiers = tier;
  else last.next = tier;
  scope.lastTier = tier;
  scope.tierCount++;
  end();
}

function decodeTierMatch(scope: Scope, tier: Tier): void {
  const match = decodeMatch(scope, "matches", tier.matchCount);
  if (match === null) return;
  const last = tier.lastMatch;
  if (last === null) tier.matches = match;
  else last.next = match;
  tier.lastMatch = match;
  tier.matchCount++;
}
