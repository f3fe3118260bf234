import { CLUSTER_TYPE, ENDPOINT_TYPE } from "../proto/type-url.ts";
import { ORDERED_TYPES, PHASE_TIMEOUT_MS, PHASES, type Phase } from "./order.ts";
import type { Rejection } from "./refusals.ts";
import { findResourceType, type ResourceType } from "./resource-types.ts";
import {
  type ResourceRef,
  type Snapshot,
  typeSnapshotOf,
  type VersionedResource,
} from "./snapshot.ts";
import type { Batch, Part, TypeState } from "./type-state.ts";

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
}

export type MachineEvent<Request extends StreamRequest> =
  | { readonly kind: "request"; readonly nowMs: number; readonly request: Request }
  | { readonly kind: "snapshot"; readonly nowMs: number; readonly snapshot: Snapshot }
  | { readonly kind: "tick"; readonly nowMs: number };

export type Action =
  | { readonly kind: "send"; readonly response: XdsResponse }
  | { readonly kind: "acked"; readonly typeUrl: string; readonly version: string }
  | {
      readonly kind: "nacked";
      readonly typeUrl: string;
      readonly version: string;
      /** Names the refused response carried. */
      readonly names: readonly string[];
      readonly message: string;
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

export interface Variant<Request extends StreamRequest> {
  stateOf(type: ResourceType): TypeState;
  /** Applies a request's subscription; the answer it may carry has been applied already. */
  read(state: TypeState, request: Request, isFirst: boolean): void;
  respond(state: TypeState, batch: Batch): Omit<XdsResponse, "nonce">;
}

export class StreamMachine<Request extends StreamRequest> {
  private readonly states = new Map<string, TypeState>();
  private readonly unsupported = new Set<string>();
  private snapshot: Snapshot | undefined;
  private lastNonce = 0;
  /** When a `tick` is due, if the client stays silent until then. */
  wakeAtMs: number | undefined;

  constructor(private readonly variant: Variant<Request>) {}

  step(event: MachineEvent<Request>): readonly Action[] {
    switch (event.kind) {
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
    const answered = known === undefined ? [] : this.settle(state, request, nowMs);
    this.variant.read(state, request, known === undefined);
    return [...answered, ...this.advance(nowMs)];
  }

  private open(type: ResourceType): TypeState {
    const state = this.variant.stateOf(type);
    this.states.set(type.typeUrl, state);
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
    const version = state.sentVersion ?? "";
    if (outcome.kind === "nacked") {
      const names = outcome.upserts.map(({ name }) => name);
      return [{ kind: "nacked", typeUrl, version, names, message: error ?? "" }];
    }
    return [{ kind: "acked", typeUrl, version }];
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
    this.wakeAtMs = undefined;
    const actions: Action[] = [];
    for (const state of this.states.values()) {
      if (ORDERED_TYPES.has(state.type.typeUrl)) continue;
      actions.push(...this.send(state, { part: "both", isGated: false, nowMs }));
    }
    for (const phase of PHASES) {
      actions.push(...this.runPhase(phase, nowMs));
      this.wakeAtMs ??= this.gateUntil(phase, nowMs);
    }
    return actions;
  }

  private runPhase({ typeUrls, part, referrers }: Phase, nowMs: number): Action[] {
    const isGated = this.wakeAtMs !== undefined;
    if (part === "removals" && (isGated || this.isAnyRefused(referrers))) return [];
    const states = typeUrls.map((url) => this.states.get(url)).filter((s) => s !== undefined);
    return states.flatMap((state) => this.send(state, { part, isGated, nowMs }));
  }

  /** Until when the later phases wait for an answer to this one. */
  private gateUntil({ typeUrls }: Phase, nowMs: number): number | undefined {
    const sinceMs = typeUrls.map((url) => this.states.get(url)?.inFlightSinceMs);
    const until = sinceMs.filter((ms) => ms !== undefined).map((ms) => ms + PHASE_TIMEOUT_MS);
    const latest = Math.max(...until);
    return latest > nowMs ? latest : undefined;
  }

  private isAnyRefused(typeUrls: readonly string[]): boolean {
    return typeUrls.some((url) => this.states.get(url)?.hasRejection);
  }

  private send(state: TypeState, turn: Turn): Action[] {
    const { part, isGated, nowMs } = turn;
    const isHeldBack = isGated ? this.mustWait : this.isHeldBack;
    const batch = state.next({ part, isGated, isHeldBack });
    if (batch === undefined) return [];
    this.lastNonce += 1;
    const nonce = this.lastNonce.toString(36);
    const response = { ...this.variant.respond(state, batch), nonce };
    state.commit(batch, { nonce, version: response.version, nowMs });
    // At once rather than when the client has answered: its answer may wait for what is re-sent here.
    for (const resource of batch.upserts) this.resendNamedBy(resource);
    return [{ kind: "send", response }];
  }

  private readonly mustWait = (resource: VersionedResource): boolean =>
    this.isHeldBack(resource) || !(resource.refs?.every(this.isHeld) ?? false);

  private readonly isHeld = ({ typeUrl, name }: ResourceRef): boolean =>
    this.states.get(typeUrl)?.held.has(name) ?? true;

  /** Something it names was refused and has never been accepted: sending it would leave a dangling name. */
  private readonly isHeldBack = ({ refs }: VersionedResource): boolean =>
    refs?.some(({ typeUrl, name }) => this.states.get(typeUrl)?.isRefusedNew(name)) ?? false;
}

interface Turn {
  readonly part: Part;
  readonly isGated: boolean;
  readonly nowMs: number;
}

/** Different unsupported types remembered per stream, so that each is told once; a peer cannot grow it. */
const MAX_UNSUPPORTED = 16;
