import type { ResourceError, VersionedResource } from "./snapshot.ts";

/** What one client lacks of one type, before a response is made of it. */
export interface Batch {
  readonly upserts: readonly VersionedResource[];
  /** Asked for by name and not there. */
  readonly missing: readonly string[];
  /** Held by the client and no longer there. */
  readonly removals: readonly string[];
  /** Subscribed to, and there for a reason not. */
  readonly errors: readonly ResourceError[];
  /** Held by the client, which is to be told that they still hold. */
  readonly heartbeats: readonly VersionedResource[];
}

export const NOTHING: Batch = {
  upserts: [],
  missing: [],
  removals: [],
  errors: [],
  heartbeats: [],
};

export function isEmpty({ upserts, missing, removals, errors, heartbeats }: Batch): boolean {
  return (
    upserts.length + missing.length + removals.length + errors.length + heartbeats.length === 0
  );
}
