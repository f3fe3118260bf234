import { Verdict } from "../../src/core/verdict.ts";
import { Mode } from "./config-check.ts";
import { follow } from "./follow.ts";
import { leaveLater } from "./ghosts.ts";
import { found, getProperty, nowUs, replaceRequestHeader, Status } from "./host.ts";
import { ScopeLedger } from "./ledger.ts";
import { isExempt } from "./match.ts";
import { Span } from "./memory.ts";
import { Scope, Tier } from "./records.ts";
import { replyShed } from "./reply.ts";
import { readKeys } from "./request-headers.ts";
import { cohort, isStamped, readRequest, request } from "./request-inputs.ts";
import { configOf, countInternalError, countUntracked, isTicking } from "./root.ts";
import { propertyPath, scopeOf } from "./scope.ts";
import { EXEMPT, findSlot, insertSlot, isFull, removeSlot } from "./slab.ts";
import { writeStamp } from "./stamp.ts";
import { constant } from "./text.ts";
import { TierLedger } from "./tier-ledger.ts";

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
/** Exempt requests in flight at a time, as a share of the limit, and at least so many. */
const EXEMPT_SHARE: f64 = 0.02;
const LEAST_EXEMPT: f64 = 4;
const WOULD_SHED: Span = constant("x-qmesh-would-shed");
/** The stream shed last and its scope's ledger: Envoy hands over the headers of our reply right after. */
let shedId: u32 = 0;
let shedLedger: usize = 0;
const RESPONSE_FLAGS: Span = propertyPath("response.flags");

export function onRequest(id: u32): Action {
  const config = configOf(id);
  if (config === null) return Action.Continue;
  const scope = scopeOf(config);
  if (scope === null || scope.mode === Mode.Off) return Action.Continue;
  const ledger = scope.ledger;
  if (ledger === null || id === 0 || findSlot(id) !== null || !readKeys(scope)) {
    countInternalError();
    return Action.Continue;
  }
  if (isFull()) {
    countUntracked();
    return Action.Continue;
  }
  if (isExempt(scope) && enterExempt(id, ledger)) return Action.Continue;
  const tier = readRequest(scope, id);
  if (tier === null) {
    countInternalError();
    return Action.Continue;
  }
  if (ledger.rule !== changetype<usize>(scope)) follow(scope, ledger);
  return decide(id, scope, tier, ledger);
}

/** False where so many are in flight that one more is a request like any other. */
function enterExempt(id: u32, ledger: ScopeLedger): bool {
  const most = max<f64>(LEAST_EXEMPT, EXEMPT_SHARE * ledger.shed.limit);
  if (<f64>ledger.exempt.now() >= most) return false;
  ledger.exempt.enter();
  insertSlot(id, changetype<usize>(ledger), EXEMPT);
  return true;
}

function decide(id: u32, scope: Scope, tier: Tier, ledger: ScopeLedger): Action {
  const counts = changetype<TierLedger>(tier.ledger);
  ledger.inflight.enter();
  const outbound = ledger.outbound;
  const verdict =
    outbound === null
      ? ledger.shed.admit(request, <f64>(ledger.inflight.now() - 1))
      : outbound.shed.admit(request);
  if (verdict !== Verdict.Admit) {
    const reason = ledger.reasons.of(verdict);
    if (scope.mode !== Mode.Shadow) {
      ledger.inflight.leave();
      counts.shed.add(1);
      reason.defer();
      shedId = id;
      shedLedger = changetype<usize>(ledger);
      if (replyShed(scope, id)) return Action.StopIteration;
      countInternalError();
      return Action.Continue;
    }
    counts.wouldShed.defer();
    replaceRequestHeader(WOULD_SHED.ptr, WOULD_SHED.size, reason.word.ptr, reason.word.size);
  }
  counts.admitted.defer();
  insertSlot(id, changetype<usize>(ledger), max<u64>(nowUs(), 1));
  if (!isStamped) writeStamp(tier, cohort());
  return Action.Continue;
}

export function onResponse(id: u32, headerCount: u32): void {
  const slot = findSlot(id);
  if (slot === null) {
    if (id === shedId) changetype<ScopeLedger>(shedLedger).load.write();
    return;
  }
  if (slot.startUs === 0 || slot.startUs === EXEMPT) return;
  const now = nowUs();
  const rttUs: u64 = now > slot.startUs ? now - slot.startUs : 0;
  const ledger = changetype<ScopeLedger>(slot.ledger);
  slot.startUs = 0;
  const outbound = ledger.outbound;
  if (outbound === null) ledger.load.write();
  else outbound.hear();
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
  const startUs = slot.startUs;
  removeSlot(slot);
  if (startUs === EXEMPT) ledger.exempt.leave();
  else if (startUs === 0) ledger.inflight.leave();
  else abandon(ledger, startUs);
}

function abandon(ledger: ScopeLedger, startUs: u64): void {
  ledger.lost.add(1);
  const now = nowUs();
  // After the last context no tick would release it.
  if (isTicking()) leaveLater(ledger, now, now > startUs ? now - startUs : 0);
  else ledger.inflight.leave();
}
