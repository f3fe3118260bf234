import {
  CLUSTER_TYPE,
  ENDPOINT_TYPE,
  LISTENER_TYPE,
  ROUTE_TYPE,
  SCOPED_ROUTE_TYPE,
} from "../proto/type-url.ts";
import { differenceOf } from "./difference.ts";
import { FollowUps } from "./follow-ups.ts";
import type { Resources } from "./held.ts";
import { isBefore, ORDERED_TYPES, PHASE_TIMEOUT_MS, PHASES, type Phase } from "./order.ts";
import type { Rejection } from "./refusals.ts";
import { findResourceType, type ResourceType } from "./resource-types.ts";
import {
  type ResourceError,
  type ResourceRef,
  type Snapshot,
  type TypeSnapshot,
  typeSnapshotOf,
  type VersionedResource,
} from "./snapshot.ts";
import type { Batch, Outcome, Part, TypeState } from "./type-state.ts";

/**
 * One stream as a pure state machine: `step(event) -> actions`. Time comes in with the events, nothing here knows gRPC.
 * It is level-triggered: after every event it walks the phases of `order.ts` and sends what is due, up to the first phase
 * whose response is unanswered. Behind it only resources go out whose `refs` the client holds already: they need not wait. So a snapshot that arrives in the middle of a roll-out needs no special case.
 *
 * What differs between delta and state of the world, how a request is read and what a response carries, is the
 * `Variant`: `delta.ts` and `sotw.ts`.
 */
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

export type MachineEvent<Request extends StreamRequest> =
  | { readonly kind: "client"; readonly features: readonly string[] }
  | { readonly kind: "request"; readonly nowMs: number; readonly request: Request }
  | { readonly kind: "snapshot"; readonly nowMs: number; readonly snapshot: Snapshot }
  | { readonly kind: "tick"; readonly nowMs: number };

export type Action =
  | { readonly kind: "send"; readonly response: XdsResponse }
  | {
      readonly kind: "acked";
      readonly typeUrl: string;
      readonly version: string;
      readonly outcome: Extract<Outcome, { kind: "acked" }>;
    }
  | {
      readonly kind: "nacked";
      readonly typeUrl: string;
      readonly version: string;
      readonly message: string;
      readonly outcome: Extract<Outcome, { kind: "nacked" }>;
    }
  /** The client holds these from an earlier stream. */
  | {
      readonly kind: "recalled";
      readonly typeUrl: string;
      readonly resources: readonly VersionedResource[];
    }
  | { readonly kind: "unsupported-type"; readonly typeUrl: string };

/** What a stream knows of one type, for status. */
export interface TypeReport {
  readonly typeUrl: string;
  readonly wanted: string | undefined;
  readonly sent: string | undefined;
  readonly acked: string | undefined;
  readonly hasRejection: boolean;
  readonly rejections: readonly Rejection[];
}

/** What the client said it can do, for instance `xds.config.supports-resource-ttl`. */
export type Features = ReadonlySet<string>;

export interface Variant<Request extends StreamRequest> {
  stateOf(type: ResourceType, features: Features): TypeState;
  /** Applies a request's subscription; the answer it may carry has been applied already. */
  read(state: TypeState, request: Request, isFirst: boolean): void;
  respond(state: TypeState, batch: Batch): ResponseBody;
}

/** What the forms say differently of one batch. */
type ResponseBody = Pick<XdsResponse, "version" | "resources" | "removed" | "heartbeats">;

export class StreamMachine<Request extends StreamRequest> {
  private readonly states = new Map<string, TypeState>();
  private readonly unsupported = new Set<string>();
  private snapshot: Snapshot | undefined;
  private features: Features = new Set();
  /** When the client said that it holds something from an earlier stream. */
  private resumedMs: number | undefined;
  private warmingOn: TypeSnapshot | undefined;
  private readonly followUps = new FollowUps();
  /** Of `PHASES` those that have types this client asked for, with their states, in order. */
  private phases: readonly PhaseInUse[] = [];
  private unordered: readonly TypeState[] = [];
  private lastNonce = 0;
  /** When a `tick` is due, if the client stays silent until then. */
  wakeAtMs: number | undefined;

  constructor(private readonly variant: Variant<Request>) {}

  step(event: MachineEvent<Request>): readonly Action[] {
    switch (event.kind) {
      case "client":
        this.features = new Set(event.features);
        return [];
      case "request":
        return this.receive(event.request, event.nowMs);
      case "snapshot":
        this.snapshot = event.snapshot;
        for (const state of this.states.values()) this.aim(state);
        return this.advance(event.nowMs);
      case "tick":
        return this.advance(event.nowMs);
    }
  }

  reports(): readonly TypeReport[] {
    return [...this.states.values()].map((state) => ({
      typeUrl: state.type.typeUrl,
      wanted: state.target?.version,
      sent: state.sentVersion,
      acked: state.ackedVersion,
      hasRejection: state.hasRejection,
      rejections: state.rejections,
    }));
  }

  private receive(request: Request, nowMs: number): readonly Action[] {
    const { typeUrl } = request;
    const type = findResourceType(typeUrl);
    if (type === undefined) {
      if (this.unsupported.has(typeUrl) || this.unsupported.size >= MAX_UNSUPPORTED) return [];
      this.unsupported.add(typeUrl);
      return [{ kind: "unsupported-type", typeUrl }];
    }
    const known = this.states.get(typeUrl);
    const state = known ?? this.open(type);
    if (known === undefined && request.resumes) this.resumedMs ??= nowMs;
    const answered = known === undefined ? [] : this.settle(state, request, nowMs);
    const before = state.held.shared;
    this.variant.read(state, request, known === undefined);
    const recalled = known === undefined && request.resumes ? recalledBy(state, before) : [];
    return [...answered, ...recalled, ...this.advance(nowMs)];
  }

  private open(type: ResourceType): TypeState {
    const state = this.variant.stateOf(type, this.features);
    this.states.set(type.typeUrl, state);
    this.unordered = [...this.states.values()].filter(
      (each) => !ORDERED_TYPES.has(each.type.typeUrl),
    );
    this.phases = PHASES.map((phase) => ({ phase, states: this.statesOf(phase.typeUrls) })).filter(
      ({ states }) => states.length > 0,
    );
    if (type.typeUrl === ENDPOINT_TYPE) state.fallBackOn(this.warmingOn);
    this.aim(state);
    return state;
  }

  private aim(state: TypeState): void {
    if (this.snapshot !== undefined) {
      state.setTarget(typeSnapshotOf(this.snapshot, state.type.typeUrl));
    }
  }

  private settle(state: TypeState, request: Request, nowMs: number): Action[] {
    const { nonce, error, typeUrl } = request;
    const outcome = state.receive({ nonce, error, nowMs });
    if (outcome === undefined) return [];
    if (typeUrl === CLUSTER_TYPE) this.warmOn(undefined);
    const version = state.sentVersion ?? "";
    if (outcome.kind === "acked") return [{ kind: "acked", typeUrl, version, outcome }];
    return [{ kind: "nacked", typeUrl, version, message: error ?? "", outcome }];
  }

  /**
   * A client acknowledges clusters when they are warm, and warms them on their endpoints. If those leave the snapshot
   * meanwhile they are given all the same: else the client would wait for them, and everything else for the client.
   */
  private warmOn(endpoints: TypeSnapshot | undefined): void {
    this.warmingOn = endpoints;
    this.states.get(ENDPOINT_TYPE)?.fallBackOn(endpoints);
  }

  /** A client that replaced a cluster starts it without endpoints and may not ask again (envoyproxy/envoy#13009). */
  private resendNamedBy({ typeUrl, name, refs }: VersionedResource): void {
    const isCluster = typeUrl === CLUSTER_TYPE;
    const implied = isCluster ? [{ typeUrl: ENDPOINT_TYPE, name }] : [];
    for (const ref of refs ?? implied) {
      const isChild = isCluster ? ref.typeUrl === ENDPOINT_TYPE : ref.typeUrl !== CLUSTER_TYPE;
      if (isChild) this.states.get(ref.typeUrl)?.resend(ref.name);
    }
  }

  private advance(nowMs: number): Action[] {
    const actions: Action[] = [];
    for (const state of this.unordered) {
      this.send(state, { part: "both", isGated: false, nowMs }, actions);
    }
    let gateMs: number | undefined;
    for (const { phase, states } of this.phases) {
      if (phase.part === "removals") gateMs ??= this.removalsUntil(nowMs);
      const { part, referrers } = phase;
      const isGated = gateMs !== undefined;
      if (part === "removals" && (isGated || this.mayStillUse(states, referrers))) continue;
      for (const state of states) this.send(state, { part, isGated, nowMs }, actions);
      gateMs ??= gateUntil(states, nowMs);
    }
    this.wakeAtMs = this.earliestWake(gateMs);
    return actions;
  }

  private earliestWake(gateMs: number | undefined): number | undefined {
    let soonest = gateMs ?? Number.POSITIVE_INFINITY;
    for (const { nextHeartbeatMs } of this.states.values()) {
      if (nextHeartbeatMs !== undefined && nextHeartbeatMs < soonest) soonest = nextHeartbeatMs;
    }
    return Number.isFinite(soonest) ? soonest : undefined;
  }

  /**
   * Until when removals wait for the client to say what it uses: it serves with old routes until it has those that its
   * listeners and scopes name now, and one that came back has not said yet which it holds.
   */
  private removalsUntil(nowMs: number): number | undefined {
    if (!this.phases.some(({ states }) => states.some(({ hasRemovals }) => hasRemovals))) {
      return undefined;
    }
    const hasSaidAll = USERS_OF_CLUSTERS.every((url) => this.states.has(url));
    const resumedMs = hasSaidAll ? undefined : this.resumedMs;
    const sinceMs = this.followUps.update(this.unfollowed(), nowMs);
    const untilMs = Math.max(sinceMs, resumedMs ?? sinceMs) + PHASE_TIMEOUT_MS;
    return untilMs > nowMs ? untilMs : undefined;
  }

  /** Routes that the client's listeners and scopes name, that are there, and that it does not hold yet. */
  private *unfollowed(): Generator<string> {
    const routes = this.snapshot && typeSnapshotOf(this.snapshot, ROUTE_TYPE).resources;
    const held = this.states.get(ROUTE_TYPE)?.held;
    for (const { held: referrers } of this.statesOf([LISTENER_TYPE, SCOPED_ROUTE_TYPE])) {
      for (const [, { refs = [] }] of referrers) {
        for (const { typeUrl, name } of refs) {
          if (typeUrl === ROUTE_TYPE && routes?.has(name) && !held?.has(name)) yield name;
        }
      }
    }
  }

  private statesOf(typeUrls: Iterable<string>): TypeState[] {
    return [...typeUrls].map((url) => this.states.get(url)).filter((state) => state !== undefined);
  }

  /** A resource of these types is refused or held back, so that an older one of `states` may be in use. */
  private mayStillUse(states: readonly TypeState[], typeUrls: readonly string[]): boolean {
    if (!states.some(({ hasRemovals }) => hasRemovals)) return false;
    return this.statesOf(typeUrls).some(
      (state) => state.hasRejection || state.isHoldingBack(this.isHeldBack),
    );
  }

  private send(state: TypeState, turn: Turn, actions: Action[]): void {
    const { part, isGated, nowMs } = turn;
    const isHeldBack = isGated ? this.mustWait : this.isHeldBack;
    const batch = state.next({ part, isGated, isHeldBack, nowMs });
    if (batch === undefined) return;
    this.lastNonce += 1;
    const nonce = this.lastNonce.toString(36);
    const response = {
      typeUrl: state.type.typeUrl,
      nonce,
      errors: batch.errors,
      hasTtl: state.can.expire,
      ...this.variant.respond(state, batch),
    };
    state.commit(batch, { nonce, version: response.version, nowMs });
    if (state.type.typeUrl === CLUSTER_TYPE && this.snapshot !== undefined) {
      this.warmOn(typeSnapshotOf(this.snapshot, ENDPOINT_TYPE));
    }
    // At once rather than when the client has answered: its answer may wait for what is re-sent here.
    for (const resource of batch.upserts) this.resendNamedBy(resource);
    actions.push({ kind: "send", response });
  }

  private readonly mustWait = (resource: VersionedResource): boolean =>
    this.isHeldBack(resource) || !(resource.refs?.every(this.isHeld) ?? false);

  private readonly isHeld = ({ typeUrl, name }: ResourceRef): boolean =>
    this.states.get(typeUrl)?.held.has(name) ?? true;

  /** Sending it would leave a dangling name: what it names was refused and never accepted, or was never sent. */
  private readonly isHeldBack = ({ typeUrl, refs }: VersionedResource): boolean =>
    refs?.some((ref) => {
      const state = this.states.get(ref.typeUrl);
      if (state === undefined) return false;
      return state.isRefusedNew(ref.name) || (isBefore(ref, typeUrl) && state.isUnsent(ref.name));
    }) ?? false;
}

/** What it said it holds and the snapshot has just so; the same array for all that hold all of it. */
function recalledBy({ type, held, target }: TypeState, before: Resources | undefined): Action[] {
  const isWhole = before !== undefined && held.shared !== undefined;
  const resources = isWhole
    ? differenceOf(before, held.shared).upserts
    : [...held].map(([, one]) => one).filter((one) => target?.resources.get(one.name) === one);
  return resources.length === 0 ? [] : [{ kind: "recalled", typeUrl: type.typeUrl, resources }];
}

/** Until when the later phases wait for an answer to this one; without end while something new waits to be sent. */
function gateUntil(states: readonly TypeState[], nowMs: number): number | undefined {
  let latest: number | undefined;
  for (const { hasUnsent, inFlightSinceMs } of states) {
    if (hasUnsent) return Number.POSITIVE_INFINITY;
    const untilMs = (inFlightSinceMs ?? Number.NEGATIVE_INFINITY) + PHASE_TIMEOUT_MS;
    if (untilMs > nowMs) latest = Math.max(latest ?? untilMs, untilMs);
  }
  return latest;
}

interface PhaseInUse {
  readonly phase: Phase;
  readonly states: readonly TypeState[];
}

interface Turn {
  readonly part: Part;
  readonly isGated: boolean;
  readonly nowMs: number;
}

const USERS_OF_CLUSTERS = [LISTENER_TYPE, ROUTE_TYPE];

/** Different unsupported types remembered per stream, so that each is told once; a peer cannot grow it. */
const MAX_UNSUPPORTED = 16;
