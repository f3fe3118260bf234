import { isHeaderName, isPrintable } from "./characters.ts";
import { hashOf } from "./hash.ts";
import { keyOf } from "./keys.ts";
import { equals } from "./memory.ts";
import { begin, end, make, readBytes, readF64, refuse, wire } from "./reading.ts";
import { Scope, TenantWeight } from "./records.ts";

/** Decodes what a scope remembers and how its tenants share. Numbers that are not finite are refused with the rest. */
const MAX_WEIGHTS: u32 = 64;
const MAX_WEIGHT: f64 = 1000;
const NOT_ABOVE_0 = " is not above 0";

export function decodeMemory(scope: Scope): void {
  if (!begin("memory")) return;
  while (wire.next()) {
    if (wire.field === 1) scope.memoryLimit = readF64("limit");
    else if (wire.field === 2) scope.memoryBaselineMs = readF64("baseline_ms");
  }
  if (!isWithin(scope.memoryLimit, f64.MAX_VALUE)) refuse("limit", NOT_ABOVE_0);
  if (!isWithin(scope.memoryBaselineMs, f64.MAX_VALUE)) refuse("baseline_ms", NOT_ABOVE_0);
  end();
}

/** Above 0 and at most `most`; false for what is not a number. */
function isWithin(value: f64, most: f64): bool {
  return value > 0 && value <= most;
}

export function decodeTenant(scope: Scope): void {
  if (!begin("tenant")) return;
  while (wire.next()) {
    if (wire.field === 1) decodeTenantHeader(scope);
    else if (wire.field === 2) decodeWeight(scope);
  }
  if (scope.tenantKey === null) refuse("header", " is missing");
  end();
}

function decodeTenantHeader(scope: Scope): void {
  if (!readBytes("header")) return;
  if (!isHeaderName(wire.ptr, wire.size)) refuse("header", " is not a lower-case header name");
  else scope.tenantKey = keyOf(scope, wire.ptr, wire.size);
}

function decodeWeight(scope: Scope): void {
  if (!begin("weights", scope.weightCount, MAX_WEIGHTS)) return;
  const added = changetype<TenantWeight>(make(offsetof<TenantWeight>()));
  while (wire.next()) {
    if (wire.field === 1) {
      readBytes("value");
      added.value = wire.ptr;
      added.valueSize = wire.size;
    } else if (wire.field === 2) {
      added.weight = readF64("weight");
    }
  }
  if (!checkWeight(added, scope.weights)) return;
  added.hash = hashOf(added.value, added.valueSize);
  added.next = scope.weights;
  scope.weights = added;
  scope.weightCount++;
  end();
}

function checkWeight(added: TenantWeight, earlier: TenantWeight | null): bool {
  if (added.valueSize === 0 || !isPrintable(added.value, added.valueSize, 0x20)) {
    return refuse("value", " is not a header value");
  }
  let other: TenantWeight | null = earlier;
  while (other !== null) {
    if (equals(other.value, other.valueSize, added.value, added.valueSize)) {
      return refuse("value", " stands twice");
    }
    other = other.next;
  }
  if (isWithin(added.weight, MAX_WEIGHT)) return true;
  return refuse("weight", " is not above 0 and at most 1000");
}
