import { Elasticity } from "../../src/core/elasticity.ts";
import { FairShare } from "../../src/core/fair-share.ts";
import { cohortOf, hashByte } from "../../src/core/hash.ts";
import { ConcurrencyLimit } from "../../src/core/limit.ts";
import { OutboundShed } from "../../src/core/outbound-shed.ts";
import { Peak } from "../../src/core/peak.ts";
import { Request } from "../../src/core/request.ts";
import { Shed } from "../../src/core/shed.ts";
import { Threshold } from "../../src/core/threshold.ts";
import { TokenBucket } from "../../src/core/token-bucket.ts";
import { Window } from "../../src/core/window.ts";

/**
 * Every public method of the core as a flat export, for the differential test: asc compiles only what is called, so a
 * method without a line here is not proven to compile, let alone to give the same bits.
 */
let shed: Shed = new Shed();
let limit: ConcurrencyLimit = new ConcurrencyLimit();
let window: Window = new Window();
let peak: Peak = new Peak();
let elasticity: Elasticity = new Elasticity();
let levels: Threshold = new Threshold();
let tenants: FairShare = new FairShare();
let bucket: TokenBucket = new TokenBucket();
let outbound: OutboundShed = new OutboundShed();
const request: Request = new Request();

export function reset(): void {
  shed = new Shed();
  limit = new ConcurrencyLimit();
  window = new Window();
  peak = new Peak();
  elasticity = new Elasticity();
  levels = new Threshold();
  tenants = new FairShare();
  bucket = new TokenBucket();
  outbound = new OutboundShed();
}

export function Shed_setBounds(min: f64, max: f64, initial: f64): void {
  shed.setBounds(min, max, initial);
}
export function Shed_setTiers(count: f64): void {
  shed.setTiers(count);
}
export function Shed_limit(): f64 {
  return shed.limit;
}
export function Shed_baselineRttMs(): f64 {
  return shed.baselineRttMs;
}
export function Shed_isSaturated(): f64 {
  return shed.isSaturated ? 1 : 0;
}
export function Shed_marginalTier(): f64 {
  return shed.marginalTier;
}
export function Shed_overload(): f64 {
  return shed.overload;
}
export function Shed_gate(tier: f64): f64 {
  return shed.gate(tier);
}
export function Shed_recall(limit: f64, baseline: f64): void {
  shed.recall(limit, baseline);
}
export function Shed_threshold(): f64 {
  return shed.threshold;
}
export function Shed_offered(tier: f64, total: f64): void {
  shed.offered(tier, total);
}
export function Shed_admit(
  tier: f64,
  cohort: f64,
  attempt: f64,
  deadline: f64,
  tenant: f64,
  weight: f64,
  inflight: f64,
): f64 {
  fill(tier, cohort, tenant, weight);
  request.attempt = attempt;
  request.deadlineMs = deadline;
  return shed.admit(request, inflight);
}

function fill(tier: f64, cohort: f64, tenant: f64, weight: f64): void {
  request.tier = tier;
  request.cohort = cohort;
  request.tenant = tenant;
  request.weight = weight;
}

export function OutboundShed_setTiers(count: f64): void {
  outbound.setTiers(count);
}
export function OutboundShed_threshold(): f64 {
  return outbound.threshold;
}
export function OutboundShed_offered(tier: f64, total: f64): void {
  outbound.offered(tier, total);
}
export function OutboundShed_sheds(tier: f64, load: f64): void {
  outbound.sheds(tier, load);
}
export function OutboundShed_admit(tier: f64, cohort: f64, tenant: f64, weight: f64): f64 {
  fill(tier, cohort, tenant, weight);
  return outbound.admit(request);
}
export function OutboundShed_tick(
  now: f64,
  sent: f64,
  refused: f64,
  reports: f64,
  loads: f64,
): void {
  outbound.tick(now, sent, refused, reports, loads);
}
export function Shed_tick(
  now: f64,
  admitted: f64,
  refused: f64,
  completed: f64,
  lost: f64,
  rtt: f64,
  inflight: f64,
): void {
  shed.tick(now, admitted, refused, completed, lost, rtt, inflight);
}

export function ConcurrencyLimit_setBounds(min: f64, max: f64, initial: f64): void {
  limit.setBounds(min, max, initial);
}
export function ConcurrencyLimit_recall(value: f64, baseline: f64): void {
  limit.recall(value, baseline);
}
export function ConcurrencyLimit_isSettled(): f64 {
  return limit.isSettled ? 1 : 0;
}
export function ConcurrencyLimit_windowMs(): f64 {
  return limit.windowMs;
}
export function ConcurrencyLimit_work(): f64 {
  return limit.work;
}
export function ConcurrencyLimit_isSaturated(): f64 {
  return limit.isSaturated ? 1 : 0;
}
export function ConcurrencyLimit_observe(
  now: f64,
  admitted: f64,
  refused: f64,
  completed: f64,
  lost: f64,
  rtt: f64,
  inflight: f64,
): f64 {
  limit.observe(now, admitted, refused, completed, lost, rtt, inflight);
  return limit.value;
}

export function Window_close(
  now: f64,
  admitted: f64,
  refused: f64,
  completed: f64,
  lost: f64,
  rtt: f64,
): f64 {
  return window.close(now, admitted, refused, completed, lost, rtt) ? 1 : 0;
}

export function Peak_push(value: f64): void {
  peak.push(value);
}
export function Peak_reset(value: f64): void {
  peak.reset(value);
}
export function Peak_value(): f64 {
  return peak.value;
}

export function Elasticity_swing(now: f64): f64 {
  return elasticity.swing(now);
}
export function Elasticity_observe(now: f64, elapsed: f64, ended: f64): f64 {
  elasticity.observe(now, elapsed, ended);
  return elasticity.boost;
}
export function Elasticity_doubt(): void {
  elasticity.doubt();
}
export function Elasticity_rest(): void {
  elasticity.rest();
}

export function Threshold_position(tier: f64, cohort: f64): f64 {
  return levels.position(tier, cohort);
}
export function Threshold_tierIndex(tier: f64): f64 {
  return levels.tierIndex(tier);
}
export function Threshold_setTiers(count: f64): void {
  levels.setTiers(count);
}
export function Threshold_offered(tier: f64, total: f64): void {
  levels.offered(tier, total);
}
export function Threshold_close(windowMs: f64, throughput: f64, isSaturated: f64): f64 {
  levels.close(windowMs, throughput, isSaturated !== 0);
  return levels.value;
}
export function Threshold_marginalTier(): f64 {
  return levels.marginalTier;
}
export function Threshold_marginalShare(): f64 {
  return levels.marginalShare;
}

export function FairShare_count(tenant: f64, weight: f64): f64 {
  return tenants.count(tenant, weight);
}
export function FairShare_tick(admitted: f64): void {
  tenants.tick(admitted);
}

export function hash_hashByte(hash: f64, byte: f64): f64 {
  return hashByte(hash, byte);
}
export function hash_cohortOf(hash: f64): f64 {
  return cohortOf(hash);
}

export function TokenBucket_take(now: f64, wanted: f64, fillRps: f64, burst: f64): f64 {
  return bucket.take(now, wanted, fillRps, burst) ? 1 : 0;
}
export function TokenBucket_waitMs(wanted: f64, fillRps: f64): f64 {
  return bucket.waitMs(wanted, fillRps);
}
export function TokenBucket_tokens(): f64 {
  return bucket.tokens;
}
