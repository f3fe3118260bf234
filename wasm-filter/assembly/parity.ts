import { ConcurrencyLimit } from "../../src/core/limit.ts";
import { Peak } from "../../src/core/peak.ts";
import { Shed } from "../../src/core/shed.ts";
import { Window } from "../../src/core/window.ts";

/**
 * Every public method of the core as a flat export, for the differential test: asc compiles only what is called, so a
 * method without a line here is not proven to compile, let alone to give the same bits.
 */
let shed: Shed = new Shed();
let limit: ConcurrencyLimit = new ConcurrencyLimit();
let window: Window = new Window();
let peak: Peak = new Peak();

export function reset(): void {
  shed = new Shed();
  limit = new ConcurrencyLimit();
  window = new Window();
  peak = new Peak();
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
export function Shed_gate(tier: f64): f64 {
  return shed.gate(tier);
}
export function Shed_admit(tier: f64, inflight: f64): f64 {
  return shed.admit(tier, inflight);
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
