/**
 * Sampled requests that failed, so that a person comes from a decision to its traces. They are no evidence: of each service the
 * last few, a request once. Memory is of fixed bounds.
 */
export interface FailedRequest {
  /** Second of Unix time in which it was told of. */
  readonly tick: number;
  readonly service: string;
  readonly version: string;
  /** The Envoy that told. */
  readonly node: string;
  /** HTTP status; 0: none was sent. */
  readonly status: number;
  readonly ms: number;
  /** `host:port`; empty: nobody was reached. */
  readonly endpoint: string;
  readonly tier?: string;
  readonly tenant?: string;
  /** W3C trace id, 32 hex digits; absent: the caller sent none. */
  readonly traceId?: string;
  /** `x-request-id`; empty: it had none. */
  readonly requestId: string;
  /** Decisions in force for the service then. */
  readonly decisions: readonly string[];
}

const KEPT = 64;
const MAX_SERVICES = 1024;

export class FailedRequests {
  /** By service, oldest first. */
  readonly #kept = new Map<string, FailedRequest[]>();

  /** False: it is known already, or there is no room for another service. */
  add(failed: FailedRequest): boolean {
    const known = this.#kept.get(failed.service);
    if (known === undefined && this.#kept.size >= MAX_SERVICES) return false;
    const { requestId } = failed;
    if (requestId !== "" && known?.some((each) => each.requestId === requestId)) return false;
    this.#kept.set(failed.service, [...(known ?? []), failed].slice(-KEPT));
    return true;
  }

  /** Of the `seconds` before `tick`, newest first. */
  of(service: string, tick: number, seconds: number): readonly FailedRequest[] {
    const kept = this.#kept.get(service) ?? [];
    return kept.filter((each) => each.tick >= tick - seconds && each.tick < tick).toReversed();
  }

  /** Newest first. */
  all(): readonly FailedRequest[] {
    return [...this.#kept.values()].flat().sort((a, b) => b.tick - a.tick);
  }
}

/** Of a `traceparent` header, https://www.w3.org/TR/trace-context/; undefined: it is none. */
export function traceIdOf(traceparent: string | undefined): string | undefined {
  const found = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(traceparent ?? "")?.[1];
  return found === undefined || /^0+$/.test(found) ? undefined : found;
}
