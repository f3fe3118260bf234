import { isHeaderName, isPrintable } from "./characters.ts";
import { hashOf } from "./hash.ts";
import { keyOf } from "./keys.ts";
import { equals } from "./memory.ts";
import { broken, f64Value, into, make, readBytes, readF64, refuse, wire } from "./reading.ts";
import { Scope, TenantWeight } from "./records.ts";
import { cutText } from "./text.ts";

/** Decodes what a scope remembers and how its tenants share. Numbers that are not finite are refused with the rest. */
const MAX_WEIGHTS: u32 = 64;
const MAX_WEIGHT: f64 = 1000;

export function decodeMemory(scope: Scope): bool {
  const mark = into("memory", -1);
  if (!readBytes("")) return false;
  const outerEnd = wire.enter();
  while (wire.next()) {
    if (wire.field === 1) {
      if (!readF64("limit")) return false;
      scope.memoryLimit = f64Value();
    } else if (wire.field === 2) {
      if (!readF64("baseline_ms")) return false;
      scope.memoryBaselineMs = f64Value();
    }
  }
  if (wire.isBroken) return broken();
  if (!isWithin(scope.memoryLimit, f64.MAX_VALUE)) return refuse("limit", " is not above 0");
  if (!isWithin(scope.memoryBaselineMs, f64.MAX_VALUE)) {
    return refuse("baseline_ms", " is not above 0");
  }
  wire.leave(outerEnd);
  cutText(mark);
  return true;
}

/** Above 0 and at most `most`; false for what is not a number. */
function isWithin(value: f64, most: f64): bool {
  return value > 0 && value <= most;
}

export function decodeTenant(scope: Scope): bool {
  const mark = into("tenant", -1);
  if (!readBytes("")) return false;
  const outerEnd = wire.enter();
  while (wire.next()) {
    if (wire.field === 1) {
      if (!decodeTenantHeader(scope)) return false;
    } else if (wire.field === 2) {
      if (!decodeWeight(scope)) return false;
    }
  }
  if (wire.isBroken) return broken();
  if (scope.tenantKey === null) return refuse("header", " is missing");
  wire.leave(outerEnd);
  cutText(mark);
  return true;
}

function decodeTenantHeader(scope: Scope): bool {
  if (!readBytes("header")) return false;
  if (!isHeaderName(wire.ptr, wire.size)) {
    return refuse("header", " is not a lower-case header name");
  }
  scope.tenantKey = keyOf(scope, wire.ptr, wire.size);
  return true;
}

function decodeWeight(scope: Scope): bool {
  if (scope.weightCount === MAX_WEIGHTS) return refuse("weights", " are more than 64");
  const mark = into("weights", scope.weightCount);
  if (!readBytes("")) return false;
  const added = changetype<TenantWeight>(make(offsetof<TenantWeight>()));
  const outerEnd = wire.enter();
  while (wire.next()) {
    if (wire.field === 1) {
      if (!readBytes("value")) return false;
      added.value = wire.ptr;
      added.valueSize = wire.size;
    } else if (wire.field === 2) {
      if (!readF64("weight")) return false;
      added.weight = f64Value();
    }
  }
  if (!checkWeight(added, scope.weights)) return false;
  wire.leave(outerEnd);
  added.hash = hashOf(added.value, added.valueSize);
  added.next = scope.weights;
  scope.weights = added;
  scope.weightCount++;
  cutText(mark);
  return true;
}

function checkWeight(added: TenantWeight, earlier: TenantWeight | null): bool {
  if (wire.isBroken) return broken();
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
