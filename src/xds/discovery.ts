import type { ResourceError, VersionedResource } from "./snapshot.ts";

/** Discovery requests and responses as the machines see them, whichever form of the protocol carries them. */
export interface StreamRequest {
  readonly typeUrl: string;
  /** Nonce of the response this request answers; empty if none. */
  readonly nonce: string;
  /** Present: the response was refused. */
  readonly error?: string | undefined;
  /** The client says what it holds from an earlier stream. */
  readonly resumes?: boolean;
}

export interface XdsResponse {
  readonly typeUrl: string;
  readonly nonce: string;
  readonly version: string;
  readonly resources: readonly VersionedResource[];
  readonly removed: readonly string[];
  readonly errors: readonly ResourceError[];
  /** Sent without their bodies; `version` is what the client must know them by. */
  readonly heartbeats: readonly Heartbeat[];
  /** The client can forget: times to live are said. */
  readonly hasTtl: boolean;
}

export interface Heartbeat {
  readonly name: string;
  readonly version: string;
  readonly ttlMs: number;
}
