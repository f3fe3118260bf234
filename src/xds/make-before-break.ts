import { LISTENER_TYPE, ROUTE_TYPE, SCOPED_ROUTE_TYPE } from "../proto/type-url.ts";
import { FollowUps } from "./follow-ups.ts";
import { isBefore, PHASE_TIMEOUT_MS } from "./order.ts";
import {
  type ResourceRef,
  type Snapshot,
  typeSnapshotOf,
  type VersionedResource,
} from "./snapshot.ts";
import type { Turn, TypeState } from "./type-state.ts";
import type { TypeStates } from "./type-states.ts";

/**
 * Walks the phases of `order.ts` and gives each type its turn to send, up to the first phase whose response is unanswered.
 * Behind it only resources go out whose `refs` the client holds already: they need not wait.
 */
export class MakeBeforeBreak {
  private readonly followUps = new FollowUps();
  /** When the client said that it holds something from an earlier stream. */
  resumedMs: number | undefined;

  constructor(private readonly states: TypeStates) {}

  /** Returns when it is to be called again if nothing else happens. */
  advance(
    snapshot: Snapshot | undefined,
    nowMs: number,
    send: (state: TypeState, turn: Turn) => void,
  ): number | undefined {
    const { phases, unordered } = this.states;
    const { isHeldBack } = this;
    if (unordered.length > 0) {
      const turn: Turn = { part: "both", isGated: false, isHeldBack, nowMs };
      for (const state of unordered) send(state, turn);
    }
    let gateMs: number | undefined;
    for (const { phase, states } of phases) {
      const { part, referrers } = phase;
      if (part === "removals") gateMs ??= this.removalsUntil(snapshot, nowMs);
      const isGated = gateMs !== undefined;
      if (part === "removals" && (isGated || this.mayStillUse(states, referrers))) continue;
      const turn = { part, isGated, isHeldBack: isGated ? this.mustWait : isHeldBack, nowMs };
      for (const state of states) send(state, turn);
      gateMs ??= gateUntil(states, nowMs);
    }
    return this.earliestWake(gateMs);
  }

  private earliestWake(gateMs: number | undefined): number | undefined {
    let soonest = gateMs ?? Number.POSITIVE_INFINITY;
    for (const { nextHeartbeatMs } of this.states.all()) {
      if (nextHeartbeatMs !== undefined && nextHeartbeatMs < soonest) soonest = nextHeartbeatMs;
    }
    return Number.isFinite(soonest) ? soonest : undefined;
  }

  /**
   * Until when removals wait for the client to say what it uses: it serves with old routes until it has those that its
   * listeners and scopes name now, and one that came back has not said yet which it holds.
   */
  private removalsUntil(snapshot: Snapshot | undefined, nowMs: number): number | undefined {
    if (!this.states.phases.some(({ states }) => states.some(({ hasRemovals }) => hasRemovals))) {
      return undefined;
    }
    const hasSaidAll = USERS_OF_CLUSTERS.every((url) => this.states.has(url));
    const resumedMs = hasSaidAll ? undefined : this.resumedMs;
    const sinceMs = this.followUps.update(this.unfollowed(snapshot), nowMs);
    const untilMs = Math.max(sinceMs, resumedMs ?? sinceMs) + PHASE_TIMEOUT_MS;
    return untilMs > nowMs ? untilMs : undefined;
  }

  /** Routes that the client's listeners and scopes name, that are there, and that it does not hold yet. */
  private *unfollowed(snapshot: Snapshot | undefined): Generator<string> {
    const routes = snapshot && typeSnapshotOf(snapshot, ROUTE_TYPE).resources;
    const held = this.states.get(ROUTE_TYPE)?.client.held;
    for (const { client } of this.states.of([LISTENER_TYPE, SCOPED_ROUTE_TYPE])) {
      for (const [, { refs = [] }] of client.held) {
        for (const { typeUrl, name } of refs) {
          if (typeUrl === ROUTE_TYPE && routes?.has(name) && !held?.has(name)) yield name;
        }
      }
    }
  }

  /** A resource of these types is refused or held back, so that an older one of `states` may be in use. */
  private mayStillUse(states: readonly TypeState[], typeUrls: readonly string[]): boolean {
    if (!states.some(({ hasRemovals }) => hasRemovals)) return false;
    return this.states
      .of(typeUrls)
      .some((state) => state.hasRejection || state.isHoldingBack(this.isHeldBack));
  }

  private readonly mustWait = (resource: VersionedResource): boolean =>
    this.isHeldBack(resource) || !(resource.refs?.every(this.isHeld) ?? false);

  private readonly isHeld = ({ typeUrl, name }: ResourceRef): boolean =>
    this.states.get(typeUrl)?.client.held.has(name) ?? true;

  /** Sending it would leave a dangling name: what it names was refused and never accepted, or was never sent. */
  private readonly isHeldBack = (resource: VersionedResource): boolean =>
    resource.refs !== undefined && this.isDangling(resource.refs, resource.typeUrl);

  private isDangling(refs: readonly ResourceRef[], typeUrl: string): boolean {
    return refs.some((ref) => {
      const state = this.states.get(ref.typeUrl);
      if (state === undefined) return false;
      return state.isRefusedNew(ref.name) || (isBefore(ref, typeUrl) && state.isUnsent(ref.name));
    });
  }
}

/** Until when the later phases wait for an answer to this one; without end while something new waits to be sent. */
function gateUntil(states: readonly TypeState[], nowMs: number): number | undefined {
  let latest: number | undefined;
  for (const { hasUnsent, client } of states) {
    if (hasUnsent) return Number.POSITIVE_INFINITY;
    const untilMs = (client.inFlight?.sinceMs ?? Number.NEGATIVE_INFINITY) + PHASE_TIMEOUT_MS;
    if (untilMs > nowMs) latest = Math.max(latest ?? untilMs, untilMs);
  }
  return latest;
}

const USERS_OF_CLUSTERS = [LISTENER_TYPE, ROUTE_TYPE];
