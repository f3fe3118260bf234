import { equals, Span } from "./memory.ts";
import { constant } from "./text.ts";

/**
 * Reads what another filter wrote (`load-report.ts`): an ORCA report in the text form, `TEXT name=value,name=value`. Names it
 * does not know are passed over; a report without a load, or with one that is no number, is none.
 */
const PREFIX: Span = constant("TEXT ");
const LOAD: Span = constant("application_utilization=");
const TIER: Span = constant("named_metrics.qmesh_tier=");
const COMMA: u32 = 0x2c;
const POINT: u32 = 0x2e;
const MAX_BYTES: u32 = 512;
/** Of a number, before and after its point: our own has 4 to 6. */
const MAX_DIGITS: u32 = 6;

class Report {
  /** [0, 100]. */
  load: f64 = 0;
  /** 0 where the report does not say. */
  tier: f64 = 0;
}

export const report: Report = new Report();

/** Whether there is a load; then `report` holds it. */
export function readReport(ptr: usize, size: u32): bool {
  if (size > MAX_BYTES || !startsWith(ptr, size, PREFIX)) return false;
  const end = ptr + size;
  let utilization: f64 = -1;
  report.tier = 0;
  let at = ptr + PREFIX.size;
  while (at < end) {
    const next = endOfField(at, end);
    const length = <u32>(next - at);
    if (startsWith(at, length, LOAD)) utilization = parseDecimal(at + LOAD.size, next);
    else if (startsWith(at, length, TIER))
      report.tier = max<f64>(parseDecimal(at + TIER.size, next), 0);
    at = next + 1;
  }
  if (utilization < 0) return false;
  report.load = min<f64>(utilization, 100);
  return true;
}

function startsWith(ptr: usize, size: u32, text: Span): bool {
  return size >= text.size && equals(ptr, text.size, text.ptr, text.size);
}

function endOfField(from: usize, end: usize): usize {
  let at = from;
  while (at < end && load<u8>(at) !== COMMA) at++;
  return at;
}

/** Digits with at most one point; -1 for anything else. */
function parseDecimal(from: usize, end: usize): f64 {
  let value: f64 = 0;
  let unit: f64 = 0;
  let digits: u32 = 0;
  for (let at = from; at < end; at++) {
    const byte = <u32>load<u8>(at);
    if (byte === POINT && unit === 0) {
      unit = 1;
      continue;
    }
    const digit = byte - 0x30;
    if (digit > 9 || ++digits > MAX_DIGITS) return -1;
    value = value * 10 + <f64>digit;
    unit *= 10;
  }
  if (digits === 0) return -1;
  return unit === 0 ? value : value / unit;
}
