import { Request } from "../../src/core/request.ts";
import { Verdict } from "../../src/core/verdict.ts";
import { Mode } from "./config-check.ts";
import { found, getProperty, nowUs, Status } from "./host.ts";
import { ScopeLedger, TierLedger } from "./ledger.ts";
import { isExempt, readKeys, tierOf } from "./match.ts";
import { Span } from "./memory.ts";
import { Scope, Tier } from "./records.ts";
import { replyShed } from "./reply.ts";
import { configOf, countInternalError, countUntracked, follow } from "./root.ts";
import { propertyPath, scopeOf } from "./scope.ts";
import { findSlot, insertSlot, isFull, removeSlot } from "./slab.ts";

/**
 * One request. On its headers: scope, tier, count it in, ask the law, pass or shed. On the response headers: its time is a
 * sample. When the stream is done: count it out. Only an admitted request has a slot, so the reply to one that was shed, a
 * stream refused before it came here, and a second end all find nothing and do nothing. What cannot be decided is admitted
 * and counted.
 *
 * Answers Envoy makes itself (no healthy upstream, route timeout) come by as response headers too. One that took its usual
 * time does no harm as a sample; so only where few headers and an unusual time agree is the host asked for the response
 * flags, and any flag makes it lost instead of a sample.
 */
export enum Action {
  Continue = 0,
  StopIteration = 1,
}

/** Envoy's own answers have status, length and type, and a little more for gRPC or where a route adds headers. */
const MAX_OWN_REPLY_HEADERS: u32 = 5;
/** An unusual time: that many times below or above the mean of the last window. */
const UNUSUAL: u64 = 4;
/** Below this a wrong sample moves the mean by less than a timer's grain, and asking would cost 1 us for nothing. */
const NOTABLE_US: u64 = 1000;
const RESPONSE_FLAGS: Span = propertyPath("response.flags");

/** Filled anew for every request. */
const asked: Request = new Request();

export function onRequest(id: u32): Action {
  const config = configOf(id);
  if (config === null) return Action.Continue;
  const scope = scopeOf(config);
  if (scope === null || scope.mode === Mode.Off) return Action.Continue;
  if (!readKeys(scope)) {
    countInternalError();
    return Action.Continue;
  }
  if (isExempt(scope)) return Action.Continue;
  const tier = tierOf(scope);
  const ledger = scope.ledger;
  if (tier === null || ledger === null || id === 0 || findSlot(id) !== null) {
    countInternalError();
    return Action.Continue;
  }
  return decide(id, scope, tier, ledger);
}

function decide(id: u32, scope: Scope, tier: Tier, ledger: ScopeLedger): Action {
  const counts = tier.ledger;
  if (ledger.rule !== changetype<usize>(scope)) follow(scope, ledger);
  if (isFull() || counts === null) {
    countUntracked();
    return Action.Continue;
  }
  const inflight = ledger.enter();
  asked.tier = <f64>tier.index;
  if (ledger.shed.admit(asked, <f64>(inflight - 1)) !== Verdict.Admit) {
    if (scope.mode !== Mode.Shadow) return refuse(id, scope, ledger, counts);
    counts.wouldShed.add(1);
  }
  counts.countAdmitted();
  insertSlot(id, changetype<usize>(ledger), max<u64>(nowUs(), 1));
  return Action.Continue;
}

function refuse(id: u32, scope: Scope, ledger: ScopeLedger, counts: TierLedger): Action {
  ledger.leave();
  counts.shed.add(1);
  if (replyShed(scope, id)) return Action.StopIteration;
  countInternalError();
  return Action.Continue;
}

export function onResponse(id: u32, headerCount: u32): void {
  const slot = findSlot(id);
  if (slot === null || slot.startUs === 0) return;
  const now = nowUs();
  const rttUs: u64 = now > slot.startUs ? now - slot.startUs : 0;
  const ledger = changetype<ScopeLedger>(slot.ledger);
  slot.startUs = 0;
  if (headerCount <= MAX_OWN_REPLY_HEADERS && isUnusual(rttUs, ledger.meanRttUs) && hasFlags()) {
    ledger.lost.add(1);
    return;
  }
  ledger.completed.add(1);
  ledger.rttUs.add(rttUs);
}

function isUnusual(rttUs: u64, meanUs: u64): bool {
  if (max<u64>(rttUs, meanUs) < NOTABLE_US) return false;
  return rttUs * UNUSUAL < meanUs || rttUs > meanUs * UNUSUAL;
}

function hasFlags(): bool {
  return (
    getProperty(RESPONSE_FLAGS) === Status.Ok && found.size === 8 && load<u64>(found.ptr) !== 0
  );
}

/** The first of log and done ends a stream; the other finds no slot. */
export function onEnd(id: u32): void {
  const slot = findSlot(id);
  if (slot === null) return;
  const ledger = changetype<ScopeLedger>(slot.ledger);
  if (slot.startUs !== 0) ledger.lost.add(1);
  ledger.leave();
  removeSlot(slot);
}
