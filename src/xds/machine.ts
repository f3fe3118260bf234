import { CLUSTER_TYPE, ENDPOINT_TYPE } from "../proto/type-url.ts";
import type { Outcome } from "./answer.ts";
import type { Batch } from "./batch.ts";
import { differenceOf } from "./difference.ts";
import type { StreamRequest, XdsResponse } from "./discovery.ts";
import type { Resources } from "./held.ts";
import { MakeBeforeBreak } from "./make-before-break.ts";
import { findResourceType, type ResourceType } from "./resource-types.ts";
import {
  type ResourceRef,
  type Snapshot,
  typeSnapshotOf,
  type VersionedResource,
} from "./snapshot.ts";
import type { Turn, TypeReport, TypeState } from "./type-state.ts";
import { TypeStates } from "./type-states.ts";
import { Warming } from "./warming.ts";

/**
 * One stream as a pure state machine: `step(event) -> actions`. Time comes in with the events, nothing here knows gRPC.
 * It is level-triggered: after every event it sends what is due and may go (`make-before-break.ts`). So a snapshot that
 * arrives in the middle of a roll-out needs no special case.
 *
 * What differs between delta and state of the world, how a request is read and what a response carries, is the
 * `Variant`: `delta.ts` and `sotw.ts`.
 */
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
  private readonly states = new TypeStates();
  private readonly order = new MakeBeforeBreak(this.states);
  private readonly warming = new Warming(this.states);
  private readonly unsupported = new Set<string>();
  private snapshot: Snapshot | undefined;
  private features: Features = new Set();
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
        for (const state of this.states.all()) this.aim(state);
        return this.advance(event.nowMs);
      case "tick":
        return this.advance(event.nowMs);
    }
  }

  /** The client subscribes to it. */
  wants({ typeUrl, name }: ResourceRef): boolean {
    return this.states.get(typeUrl)?.client.subscription.includes(name) ?? false;
  }

  /** As it is at the moment, by type. */
  reports(): Iterable<TypeReport> {
    return this.states.all();
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
    if (known === undefined && request.resumes) this.order.resumedMs ??= nowMs;
    const answered = known === undefined ? [] : this.settle(state, request, nowMs);
    const before = state.client.held.shared;
    this.variant.read(state, request, known === undefined);
    const recalled = known === undefined && request.resumes ? recalledBy(state, before) : [];
    return [...answered, ...recalled, ...this.advance(nowMs)];
  }

  private open(type: ResourceType): TypeState {
    const state = this.variant.stateOf(type, this.features);
    this.states.add(state);
    this.warming.open(state);
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
    if (typeUrl === CLUSTER_TYPE) this.warming.end();
    const version = state.sent ?? "";
    if (outcome.kind === "acked") return [{ kind: "acked", typeUrl, version, outcome }];
    return [{ kind: "nacked", typeUrl, version, message: error ?? "", outcome }];
  }

  private advance(nowMs: number): Action[] {
    const actions: Action[] = [];
    this.wakeAtMs = this.order.advance(this.snapshot, nowMs, (state, turn) => {
      const response = this.send(state, turn);
      if (response !== undefined) actions.push({ kind: "send", response });
    });
    return actions;
  }

  private send(state: TypeState, turn: Turn): XdsResponse | undefined {
    const batch = state.next(turn);
    if (batch === undefined) return undefined;
    const { type, client } = state;
    this.lastNonce += 1;
    const nonce = this.lastNonce.toString(36);
    const response = {
      typeUrl: type.typeUrl,
      nonce,
      errors: batch.errors,
      hasTtl: client.can.expire,
      ...this.variant.respond(state, batch),
    };
    state.commit(batch, { nonce, version: response.version, nowMs: turn.nowMs });
    if (type.typeUrl === CLUSTER_TYPE && this.snapshot !== undefined) {
      this.warming.begin(typeSnapshotOf(this.snapshot, ENDPOINT_TYPE));
    }
    this.warming.resendNamedBy(batch.upserts);
    return response;
  }
}

/** What it said it holds and the snapshot has just so; the same array for all that hold all of it. */
function recalledBy({ type, client, target }: TypeState, before: Resources | undefined): Action[] {
  const { held } = client;
  const isWhole = before !== undefined && held.shared !== undefined;
  const resources = isWhole
    ? differenceOf(before, held.shared).upserts
    : [...held].map(([, one]) => one).filter((one) => target?.resources.get(one.name) === one);
  return resources.length === 0 ? [] : [{ kind: "recalled", typeUrl: type.typeUrl, resources }];
}

/** Different unsupported types remembered per stream, so that each is told once; a peer cannot grow it. */
const MAX_UNSUPPORTED = 16;
