import { ScopeLedger } from "./ledger.ts";
import { TierLedger } from "./tier-ledger.ts";

/**
 * A configuration as the request path reads it: records linked in the operator's order, names and values as runs inside the
 * configuration's own bytes. All of it lies in one region that belongs to a policy and is reused when the policy is replaced,
 * so a thousand pushes use the memory of two.
 */
@unmanaged
export class Config {
  scopes: Scope | null;
  lastScope: Scope | null;
  scopeCount: u32;
  format: u32;
  minReader: u32;
}

@unmanaged
export class Scope {
  next: Scope | null;
  name: usize;
  nameSize: u32;
  mode: u32;
  clusters: Name | null;
  routes: Name | null;
  tiers: Tier | null;
  lastTier: Tier | null;
  tierCount: u32;
  unmatched: u32;
  unmatchedTier: Tier | null;
  limitMin: u32;
  limitMax: u32;
  limitInitial: u32;
  status: u32;
  isRetryAfterSent: bool;
  isLoadReported: bool;
  exempt: Match | null;
  lastExempt: Match | null;
  exemptCount: u32;
  /** Requests; 0: nothing is remembered. */
  memoryLimit: f64;
  memoryBaselineMs: f64;
  /** Null: tenants are not told apart. */
  tenantKey: Key | null;
  weights: TenantWeight | null;
  weightCount: u32;
  /** The headers it looks at besides the common ones, each once; `:path` is one of them. */
  keys: Key | null;
  /** Bit n is set if a key's name has n bytes, modulo 64. */
  keySizes: u64;
  role: u32;
  /** Set once the whole configuration has been accepted. */
  ledger: ScopeLedger | null;
}

@unmanaged
export class Tier {
  next: Tier | null;
  index: u32;
  name: usize;
  nameSize: u32;
  matches: Match | null;
  lastMatch: Match | null;
  matchCount: u32;
  /** `name;` and room for a cohort's two digits. */
  stamp: usize;
  ledger: TierLedger | null;
}

@unmanaged
export class Match {
  next: Match | null;
  headers: HeaderMatch | null;
  headerCount: u32;
  /** Null: any path. */
  pathKey: Key | null;
  pathType: u32;
  path: usize;
  pathSize: u32;
}

@unmanaged
export class HeaderMatch {
  next: HeaderMatch | null;
  key: Key | null;
  name: usize;
  nameSize: u32;
  value: usize;
  valueSize: u32;
}

@unmanaged
export class TenantWeight {
  next: TenantWeight | null;
  value: usize;
  valueSize: u32;
  /** Of the value. */
  hash: f64;
  weight: f64;
}

/** A header looked at, with what the present request holds. */
@unmanaged
export class Key {
  next: Key | null;
  name: usize;
  nameSize: u32;
  value: usize;
  /** 0 also where it is not there. */
  valueSize: u32;
  isPresent: bool;
}

@unmanaged
export class Name {
  next: Name | null;
  ptr: usize;
  size: u32;
}

/** The memory of one configuration: records are made one after another and given up all at once. */
export class Region {
  private start: usize = 0;
  private capacity: u32 = 0;
  private used: u32 = 0;

  /** Empties it and makes it at least `size` bytes; what it outgrew is not given back, so sizes double. */
  reset(size: u32): void {
    if (size > this.capacity) {
      this.capacity = max<u32>(size, this.capacity * 2);
      this.start = heap.alloc(this.capacity);
    }
    this.used = 0;
  }

  get bytes(): u32 {
    return this.used;
  }

  /** Zeroed room for `size` bytes, or 0 if the region is full. */
  take(size: u32): usize {
    const rounded: u32 = (size + 7) & ~7;
    if (rounded > this.capacity - this.used) return 0;
    const at: usize = this.start + this.used;
    this.used += rounded;
    memory.fill(at, 0, rounded);
    return at;
  }
}
