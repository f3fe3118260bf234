import { decodeConfig } from "./config.ts";
import { Mode } from "./config-check.ts";
import { FilterLedger } from "./filter-ledger.ts";
import {
  found,
  getConfiguration,
  getProperty,
  incrementMetric,
  LogLevel,
  log,
  nowUs,
  recordMetric,
  Status,
  setTickPeriod,
} from "./host.ts";
import { ledgerOf } from "./ledger.ts";
import { equals, Span } from "./memory.ts";
import { Config, Region, Scope, Tier } from "./records.ts";
import { propertyPath } from "./scope.ts";
import { countLocally, isCountingLocally } from "./tally.ts";
import { cutText, putText, textPtr, textSize } from "./text.ts";

/**
 * Configurations and the tick. A policy belongs to a plugin's `root_id`, not to the host's number for a root context: a push
 * makes a new context while the old one still has streams, and both are the same policy to us, the newest. So a stream need
 * not know its context, which saves a callback for each; only if one VM holds several root ids does a request ask for its
 * own. A refused configuration changes nothing.
 */
const MAX_CONFIG_BYTES: u32 = 65536;
/** Records take at most this multiple of the bytes they are decoded from. */
const RECORD_RATIO: u32 = 12;
const TICK_MS: u32 = 100;
/** A scope two policies share ticks once, and a late timer does not make two windows of one. */
const LEAST_WINDOW_US: u64 = 50000;
/** A policy whose context has not ticked for so long is gone. */
const GONE_US: u64 = 5000000;
const MAX_POLICIES: i32 = 16;
const MAX_ROOT_ID: u32 = 128;
const ROOT_ID: Span = propertyPath("plugin_root_id");

class Policy {
  readonly rootId: usize = heap.alloc(MAX_ROOT_ID);
  rootIdSize: u32 = 0;
  /** The newest context of that root id. */
  context: u32 = 0;
  config: Config | null = null;
  lastTickUs: u64 = 0;
  private active: Region = new Region();
  private spare: Region = new Region();

  isLive(now: u64): bool {
    return this.config !== null && now - this.lastTickUs < GONE_US;
  }

  /** Decodes into the spare region, so that a refusal leaves the policy as it is. */
  replace(ptr: usize, size: u32): bool {
    const region = this.spare;
    region.reset(size * (RECORD_RATIO + 1) + 4096);
    const copy = region.take(size);
    memory.copy(copy, ptr, size);
    const config = decodeConfig(copy, size, region);
    if (config === null) return false;
    this.spare = this.active;
    this.active = region;
    this.config = config;
    return true;
  }
}

const policies: StaticArray<Policy | null> = new StaticArray<Policy | null>(MAX_POLICIES);
/** The only policy there is; null with none or several. */
let single: Policy | null = null;
let filter: FilterLedger | null = null;
let hasServed: bool = false;

export function configure(context: u32, size: u32): bool {
  const now = nowUs();
  const policy = policyOf(now);
  if (policy === null) return refused("has more than 16 root ids in one VM");
  if (size > MAX_CONFIG_BYTES) return refused("is above 65536 bytes");
  if (getConfiguration(size) !== Status.Ok) return refused("could not be read");
  if (!policy.replace(found.ptr, found.size)) {
    log(LogLevel.Warn, textPtr(), textSize());
    return false;
  }
  policy.context = context;
  policy.lastTickUs = now;
  settle(now);
  probe();
  const config = policy.config;
  if (config !== null) bind(config);
  setTickPeriod(TICK_MS);
  return true;
}

function refused(reason: string): bool {
  cutText(0);
  putText("configuration ");
  putText(reason);
  log(LogLevel.Warn, textPtr(), textSize());
  return false;
}

/** The policy of the calling plugin's root id, or one to make it of; null if 16 others live. */
function policyOf(now: u64): Policy | null {
  getProperty(ROOT_ID);
  const size = min<u32>(found.size, MAX_ROOT_ID);
  const known = policyWith(found.ptr, size);
  if (known !== null) return known;
  const policy = freePolicy(now);
  if (policy === null) return null;
  policy.config = null;
  memory.copy(policy.rootId, found.ptr, size);
  policy.rootIdSize = size;
  return policy;
}

/** One never used or refused, else one that is gone. */
function freePolicy(now: u64): Policy | null {
  let gone: Policy | null = null;
  for (let i = 0; i < MAX_POLICIES; i++) {
    const policy = policies[i] || new Policy();
    policies[i] = policy;
    if (policy.config === null) return policy;
    if (!policy.isLive(now)) gone = policy;
  }
  return gone;
}

function policyWith(rootId: usize, size: u32): Policy | null {
  for (let i = 0; i < MAX_POLICIES; i++) {
    const policy = policies[i];
    if (policy === null) return null;
    if (equals(policy.rootId, policy.rootIdSize, rootId, size)) return policy;
  }
  return null;
}

/** Finds out whether one policy lives alone. One that falls silent keeps its configuration: it may only have been paused. */
function settle(now: u64): void {
  let live: i32 = 0;
  for (let i = 0; i < MAX_POLICIES; i++) {
    const policy = policies[i];
    if (policy === null || !policy.isLive(now)) continue;
    live++;
    single = policy;
  }
  if (live !== 1) single = null;
}

function bind(config: Config): void {
  let scope: Scope | null = config.scopes;
  while (scope !== null) {
    const ledger = ledgerOf(scope.name, scope.nameSize);
    ledger.setBounds(scope.limitMin, scope.limitMax, scope.limitInitial);
    ledger.shed.setTiers(scope.tierCount);
    let tier: Tier | null = scope.tiers;
    while (tier !== null) {
      tier.ledger = ledger.tier(tier.name, tier.nameSize);
      tier = tier.next;
    }
    scope.ledger = ledger;
    scope = scope.next;
  }
}

/** Whether the host keeps metrics; said once if it does not. */
function probe(): void {
  const own = filter || new FilterLedger();
  filter = own;
  if (own.isShared() || isCountingLocally()) return;
  countLocally();
  cutText(0);
  putText(
    "the host keeps no qmesh metrics (stats_matcher?): each worker counts and limits for itself",
  );
  log(LogLevel.Warn, textPtr(), textSize());
}

/** The law runs in every VM; only one that serves requests publishes, which the main thread's copy never does. */
export function tick(context: u32): void {
  const now = nowUs();
  for (let i = 0; i < MAX_POLICIES; i++) {
    const policy = policies[i];
    if (policy === null) break;
    if (policy.context !== context) continue;
    policy.lastTickUs = now;
    tickScopes(policy.config, now);
  }
  settle(now);
  const own = filter;
  if (own !== null && hasServed) recordMetric(own.localMode, isCountingLocally() ? 1 : 0);
}

function tickScopes(config: Config | null, now: u64): void {
  if (config === null) return;
  let scope: Scope | null = config.scopes;
  while (scope !== null) {
    const ledger = scope.ledger;
    if (ledger !== null && scope.mode !== Mode.Off) {
      ledger.tick(now, LEAST_WINDOW_US);
      if (hasServed) ledger.publish(now);
    }
    scope = scope.next;
  }
}

/** What holds for the present request; null: nothing does. */
export function configOfRequest(): Config | null {
  hasServed = true;
  const only = single;
  if (only !== null) return only.config;
  if (policies[0] === null || getProperty(ROOT_ID) !== Status.Ok) return null;
  const policy = policyWith(found.ptr, found.size);
  return policy === null ? null : policy.config;
}

export function countInternalError(): void {
  const own = filter;
  if (own !== null) incrementMetric(own.internalError, 1);
}

export function countUntracked(): void {
  const own = filter;
  if (own !== null) incrementMetric(own.untracked, 1);
}
