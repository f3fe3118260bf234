import { decodeConfig } from "./config.ts";
import { Mode, Role } from "./config-check.ts";
import { FilterLedger } from "./filter-ledger.ts";
import { follow } from "./follow.ts";
import { releaseAllGhosts, releaseGhosts } from "./ghosts.ts";
import {
  found,
  getConfiguration,
  incrementMetric,
  LogLevel,
  log,
  nowUs,
  recordMetric,
  Status,
  setTickPeriod,
} from "./host.ts";
import { ledgerOf, ScopeLedger } from "./ledger.ts";
import { Config, Region, Scope, Tier } from "./records.ts";
import { countLocally, isCountingLocally } from "./tally.ts";
import { cutText, putText, textPtr, textSize } from "./text.ts";

/**
 * Configurations and the tick. Every root context has its own policy, from `configure` until it is done; a stream follows the
 * context it was created under. A push makes a new context while the old one lives on with its streams, and a push back may
 * revive an old context without a word, so neither "the newest" nor the plugin's `root_id` says which one holds. What was
 * learned belongs to the scope's name and passes from policy to policy. A refused configuration changes nothing.
 */
const MAX_CONFIG_BYTES: u32 = 65536;
/** Records take at most this multiple of the bytes they are decoded from. */
const RECORD_RATIO: u32 = 12;
const TICK_MS: u32 = 100;
/** A scope that several contexts tick has one window at a time, not one from each. */
const LEAST_WINDOW_US: u64 = 90000;

const scratch: Region = new Region();
/** No context has this number. */
const FREE: u32 = 0;

class Policy {
  next: Policy | null = null;
  context: u32 = FREE;
  config: Config | null = null;
  private readonly region: Region = new Region();

  /** Decodes twice: once to learn how much room the records take, for as many policies live as streams hold contexts. */
  read(ptr: usize, size: u32): bool {
    scratch.reset(size * RECORD_RATIO + 4096);
    if (decodeConfig(ptr, size, scratch) === null) return false;
    const recordBytes = scratch.bytes;
    this.region.reset(size + 8 + recordBytes);
    const copy = this.region.take(size);
    memory.copy(copy, ptr, size);
    this.config = decodeConfig(copy, size, this.region);
    return true;
  }
}

let policies: Policy | null = null;
/** The policy of the last stream: most follow the same. */
let recent: Policy | null = null;
let filter: FilterLedger | null = null;
let hasServed: bool = false;
/** The host creates a stream right before it hands over its request headers. */
let createdId: u32 = 0;
let createdUnder: u32 = 0;

export function configure(context: u32, size: u32): bool {
  if (size > MAX_CONFIG_BYTES) return refused("configuration is above 65536 bytes");
  if (getConfiguration(size) !== Status.Ok) return refused("configuration could not be read");
  const policy = freePolicy();
  if (!policy.read(found.ptr, found.size)) {
    log(LogLevel.Warn, textPtr(), textSize());
    return false;
  }
  dropPolicy(context);
  policy.context = context;
  probe();
  const config = policy.config;
  if (config !== null) bindAll(config);
  setTickPeriod(TICK_MS);
  return true;
}

function refused(reason: usize): bool {
  say(reason);
  return false;
}

function say(text: usize): void {
  cutText(0);
  putText(text);
  log(LogLevel.Warn, textPtr(), textSize());
}

/** Policies are never given back, only used again: there are as many as contexts ever lived at once. */
function freePolicy(): Policy {
  const free = policyWith(FREE);
  if (free !== null) return free;
  const added = new Policy();
  added.next = policies;
  policies = added;
  return added;
}

function policyOf(context: u32): Policy | null {
  return context === FREE ? null : policyWith(context);
}

function policyWith(context: u32): Policy | null {
  let policy: Policy | null = policies;
  while (policy !== null && policy.context !== context) policy = policy.next;
  return policy;
}

/** Whether a tick will come: of contexts that are done there is none. */
export function isTicking(): bool {
  let policy: Policy | null = policies;
  while (policy !== null && policy.context === FREE) policy = policy.next;
  return policy !== null;
}

/** The context is done; its streams go on with what they hold. */
export function dropPolicy(context: u32): void {
  const policy = policyOf(context);
  if (policy === null) return;
  policy.context = FREE;
  policy.config = null;
  releaseAllGhosts();
}

function bindAll(config: Config): void {
  let scope: Scope | null = config.scopes;
  while (scope !== null) {
    const ledger = ledgerOf(scope.name, scope.nameSize);
    let tier: Tier | null = scope.tiers;
    while (tier !== null) {
      tier.ledger = ledger.tier(tier.name, tier.nameSize);
      tier = tier.next;
    }
    scope.ledger = ledger;
    if (scope.role === <u32>Role.Outbound) ledger.makeOutbound();
    follow(scope, ledger);
    scope = scope.next;
  }
}

/** Whether the host keeps metrics; said once if it does not. */
function probe(): void {
  const own = filter || new FilterLedger();
  filter = own;
  if (own.isShared() || isCountingLocally()) return;
  countLocally();
  say("the host keeps no qmesh metrics (stats_matcher?): each worker counts and limits for itself");
}

/** The law runs in every VM; only one that serves requests publishes, which the main thread's copy never does. */
export function tick(context: u32): void {
  const policy = policyOf(context);
  const now = nowUs();
  releaseGhosts(now);
  if (policy !== null) tickScopes(policy.config, now);
  const own = filter;
  if (own !== null && hasServed) recordMetric(own.localMode, isCountingLocally() ? 1 : 0);
}

function tickScopes(config: Config | null, now: u64): void {
  let scope: Scope | null = config === null ? null : config.scopes;
  while (scope !== null) {
    const ledger: ScopeLedger | null = scope.ledger;
    if (ledger !== null && scope.mode !== Mode.Off) {
      ledger.tick(now, LEAST_WINDOW_US);
      if (hasServed) ledger.publish(now);
    }
    scope = scope.next;
  }
}

export function noteCreated(id: u32, parent: u32): void {
  createdId = id;
  createdUnder = parent;
}

/** What holds for a request; null: nothing does. */
export function configOf(id: u32): Config | null {
  hasServed = true;
  if (id !== createdId) {
    countInternalError();
    return null;
  }
  const last = recent;
  if (last !== null && last.context === createdUnder) return last.config;
  const policy = policyOf(createdUnder);
  recent = policy;
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
