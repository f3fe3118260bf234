import { differenceOf } from "./difference.ts";
import { Heartbeats } from "./heartbeats.ts";
import { Held } from "./held.ts";
import { InFlight } from "./in-flight.ts";
import { Refusals, type Rejection } from "./refusals.ts";
import type { ResourceType } from "./resource-types.ts";
import type { ResourceError, TypeSnapshot, VersionedResource } from "./snapshot.ts";
import { Subscription } from "./subscription.ts";
import { ToldErrors } from "./told-errors.ts";

/**
 * What one client holds of one type on one stream, and what it should get next. The law: send the difference between
 * what is subscribed in the target snapshot and what the client acknowledged, one response at a time. Whatever changes
 * while a response is unanswered is part of the next difference, so changes coalesce and a client that stops reading
 * costs one response per type.
 *
 * Invariants: at most one response is in flight; `held` only has what the client accepted (or said it holds when it
 * connected). What it refused is `refusals.ts`.
 */
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

/** What differs between the forms of the protocol and between clients. */
export interface Abilities {
  /** A response can say that a resource is gone. */
  readonly remove: boolean;
  /** A response can say that a name is not there. */
  readonly reportMissing: boolean;
  /** The client forgets what has a time to live. */
  readonly expire: boolean;
}

const NO_NAMES: readonly string[] = [];
/** Of all who refused nothing: nothing is ever put into it. */
const NO_REFUSALS = new Refusals();

export type Part = "upserts" | "removals" | "both";
type HoldBack = (resource: VersionedResource) => boolean;
export interface Turn {
  readonly part: Part;
  /** An earlier phase is unanswered: only what need not wait for it may go. */
  readonly isGated: boolean;
  readonly isHeldBack: HoldBack;
  readonly nowMs: number;
}
export interface Answer {
  readonly nonce: string;
  readonly nowMs: number;
  /** Present: the response was refused. */
  readonly error?: string | undefined;
}
export type Outcome = Accepted | RefusedResources;
interface Accepted {
  readonly kind: "acked";
  /** The same array for all streams that were sent the same. */
  readonly upserts: readonly VersionedResource[];
}
interface RefusedResources {
  readonly kind: "nacked";
  readonly upserts: readonly VersionedResource[];
  /** What it says of them: the one is bad; one of several is; nothing, since more than them may be to blame. */
  readonly blames: "one" | "some" | "none";
}

const NOTHING: Batch = { upserts: [], missing: [], removals: [], errors: [], heartbeats: [] };

function isEmpty({ upserts, missing, removals, errors, heartbeats }: Batch): boolean {
  const parts = [upserts, missing, removals, errors, heartbeats];
  return parts.every(({ length }) => length === 0);
}

export class TypeState {
  readonly subscription: Subscription;
  readonly held = new Held();
  private readonly answers = new Set<string>();
  /** Absent until something is refused. */
  private refused: Refusals | undefined;
  private readonly told = new ToldErrors();
  private readonly heartbeats = new Heartbeats();
  private inFlight: InFlight | undefined;
  private pending: Batch | undefined;
  private fallback: TypeSnapshot | undefined;
  private owesResponse = false;
  private current: TypeSnapshot | undefined;
  sentVersion: string | undefined;
  /**
   * The client holds something unknown, and a response deletes what it does not name: until the first is accepted,
   * every response is whole, and a refused one is not taken apart.
   */
  isBlind = false;
  private heldVersion: string | undefined;

  constructor(
    readonly type: ResourceType,
    readonly can: Abilities,
  ) {
    this.subscription = new Subscription(type.isWildcard);
  }

  get target(): TypeSnapshot | undefined {
    return this.current;
  }

  /** To read and to clear. */
  private get refusals(): Refusals {
    return this.refused ?? NO_REFUSALS;
  }

  private get refusing(): Refusals {
    this.refused ??= new Refusals();
    return this.refused;
  }

  setTarget(target: TypeSnapshot): void {
    const { contentHash, version } = this.current ?? {};
    if (contentHash === target.contentHash && version === target.version) return;
    this.current = target;
    this.pending = undefined;
    if (this.isBlind) this.refusals.readmitAll();
    this.refusals.prune(target);
    this.told.prune(target.errors);
    if (this.inFlight === undefined) this.oweWhole();
  }

  /** What a blind client refused may have named less than it holds: only a whole response can take the rest from it. */
  private oweWhole(): void {
    const { isWildcard, names } = this.subscription;
    if (this.isBlind && (isWildcard || names.size > 0)) this.answerAlways();
  }

  /** What a name that is asked for is answered from if the snapshot has it no more. */
  fallBackOn(earlier: TypeSnapshot | undefined): void {
    this.fallback = earlier;
    this.pending = undefined;
  }

  /** The name must be answered even if the client is known to hold it. */
  answer(name: string): void {
    this.answers.add(name);
    this.told.forget(name);
    this.refusals.readmit(name);
    this.pending = undefined;
  }

  /** The client holds the name already: only a difference is sent. */
  answered(name: string): void {
    this.answers.delete(name);
    this.pending = undefined;
  }

  answeredAll(): void {
    this.owesResponse = false;
  }

  /** Sends a held resource once more, since what uses it was replaced. */
  resend(name: string): void {
    if (!this.held.has(name)) return;
    this.answers.add(name);
    this.pending = undefined;
  }

  /** The next response is due even if it is empty. */
  answerAlways(): void {
    this.owesResponse = true;
    this.pending = undefined;
  }

  /** The client says it holds this from an earlier stream. */
  recall(resource: VersionedResource): void {
    this.hold(resource);
    if (this.can.expire) this.heartbeats.noteRecalled(resource);
  }

  private hold(resource: VersionedResource): void {
    this.held.set(resource);
    this.refusals.clear(resource.name);
    this.pending = undefined;
  }

  /** The client no longer wants the name: nothing is known of what it holds. */
  forget(name: string): void {
    this.held.delete(name);
    this.answers.delete(name);
    this.told.forget(name);
    this.heartbeats.drop(name);
    this.refusals.clear(name);
    this.inFlight?.forget(name);
    this.pending = undefined;
  }

  forgetUnsubscribed(): void {
    const known = [
      ...this.held.keys(),
      ...this.refusals.inDoubt,
      ...(this.inFlight?.upserts.map(({ name }) => name) ?? []),
    ];
    for (const name of known) if (!this.subscription.includes(name)) this.forget(name);
    this.pending = undefined;
  }

  /** What may be sent now: nothing while a response is in flight or before there is a snapshot. */
  next({ part, isGated, isHeldBack, nowMs }: Turn): Batch | undefined {
    if (this.inFlight !== undefined || this.current === undefined) return undefined;
    // A first response is whole or not at all: part of it could read as "the rest is gone".
    if (isGated && this.owesResponse) return undefined;
    for (const name of this.heartbeats.takeGone(nowMs)) this.resend(name);
    const pending = this.findPending();
    const batch = { ...NOTHING, removals: part === "upserts" ? NO_NAMES : pending.removals };
    if (part === "removals") return isEmpty(batch) ? undefined : batch;
    // The same array wherever nothing is held back: what is encoded from it is shared.
    const free = pending.upserts.some(isHeldBack)
      ? pending.upserts.filter((resource) => !isHeldBack(resource))
      : pending.upserts;
    const upserts = this.chooseUpserts(free);
    const { missing, errors } = pending;
    const heartbeats = this.dueHeartbeats(upserts, nowMs);
    const whole = { ...batch, upserts, missing, errors, heartbeats };
    return isEmpty(whole) && !this.owesResponse ? undefined : whole;
  }

  private dueHeartbeats(upserts: readonly VersionedResource[], nowMs: number) {
    const beating = this.beating();
    if (beating.length === 0) return beating;
    const due = beating.filter(({ name }) => (this.heartbeats.dueAtMs(name) ?? 0) <= nowMs);
    return due.filter((resource) => !upserts.includes(resource));
  }

  /** What has a time to live and is held exactly as the snapshot has it. */
  private beating(): readonly VersionedResource[] {
    const { names } = this.heartbeats;
    if (names.length === 0) return NOTHING.heartbeats;
    const known = names.map((name) => this.current?.resources.get(name));
    return known
      .filter((one) => one !== undefined)
      .filter(({ name, version }) => this.held.get(name)?.version === version);
  }

  /** When a heartbeat is due if nothing else happens; undefined while something else is. */
  get nextHeartbeatMs(): number | undefined {
    if (this.inFlight !== undefined || this.owesResponse) return undefined;
    const times = this.beating().map(({ name }) => this.heartbeats.dueAtMs(name) ?? 0);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  private chooseUpserts(pending: readonly VersionedResource[]): readonly VersionedResource[] {
    if (!this.isBlind) return this.refusals.choose(pending);
    if (pending.length === 0 && !this.owesResponse) return [];
    return this.subscribed(this.current?.resources ?? new Map());
  }

  commit(batch: Batch, sent: { nonce: string; version: string; nowMs: number }): void {
    const leadsTo = this.isWhole(batch) ? this.current?.resources : undefined;
    this.inFlight = new InFlight(batch, sent, leadsTo);
    if (this.answers.size > 0) {
      const { missing, removals } = batch;
      const named = [...batch.upserts, ...batch.errors].map(({ name }) => name);
      for (const name of [...named, ...missing, ...removals]) this.answers.delete(name);
    }
    this.told.tell(batch.errors);
    if (this.can.expire) {
      for (const one of [...batch.upserts, ...batch.heartbeats]) {
        this.heartbeats.note(one, sent.nowMs);
      }
    }
    this.owesResponse = false;
    this.sentVersion = sent.version;
    this.pending = undefined;
  }

  /** The client's answer to the response in flight; undefined if the nonce is not that response's. */
  receive(answer: Answer): Outcome | undefined {
    const { inFlight } = this;
    if (inFlight === undefined || inFlight.nonce !== answer.nonce) return undefined;
    this.inFlight = undefined;
    this.pending = undefined;
    for (const name of inFlight.forgotten) {
      if (this.subscription.includes(name)) this.refusing.doubt(name);
    }
    const { isComplete, upserts } = inFlight;
    if (answer.error !== undefined) {
      const isBlamable = isComplete && !this.isBlind && upserts.length > 0;
      const blames = !isBlamable ? "none" : upserts.length === 1 ? "one" : "some";
      this.refuse(inFlight, answer.error, answer.nowMs);
      return { kind: "nacked", upserts, blames };
    }
    if (this.isBlind) this.see();
    if (inFlight.leadsTo !== undefined && this.isPlain && isComplete) {
      this.held.become(inFlight.leadsTo);
      return { kind: "acked", upserts };
    }
    for (const resource of upserts) this.hold(resource);
    for (const name of inFlight.removals) this.dropRemoved(name);
    this.settleHeld();
    return { kind: "acked", upserts };
  }

  /** Shares the snapshot's map if the client holds just that. */
  settleHeld(): void {
    if (this.current !== undefined) this.held.settle(this.current.resources);
  }

  /** Nothing is asked for, doubted or refused, and all is wanted: what is due follows from two sets alone. */
  private get isPlain(): boolean {
    return (
      this.subscription.isWildcard &&
      this.answers.size === 0 &&
      this.refusals.inDoubt.size === 0 &&
      !this.refusals.isAny
    );
  }

  /** The batch takes a client that holds exactly one snapshot to exactly the target. */
  private isWhole({ upserts, removals }: Batch): boolean {
    const { shared } = this.held;
    if (shared === undefined || this.current === undefined || !this.isPlain) return false;
    const difference = differenceOf(shared, this.current.resources);
    return difference.upserts === upserts && difference.removals.length === removals.length;
  }

  /** A whole response was accepted: what it does not name, the client does not hold. */
  private see(): void {
    this.isBlind = false;
    for (const name of [...this.refusals.inDoubt]) this.refusals.clear(name);
  }

  /** A refused removal is not repeated on its own; one that came with refused content may have been done or not. */
  private refuse(inFlight: InFlight, message: string, sinceMs: number): void {
    const { upserts } = inFlight;
    if (upserts.length === 0 && inFlight.isComplete) {
      for (const name of inFlight.removals) this.dropRemoved(name);
      return;
    }
    for (const name of inFlight.removals) this.refusing.doubt(name);
    const canSplit = !this.isBlind;
    const isComplete = inFlight.isComplete && (canSplit || this.isWholeTarget(upserts));
    const response = { upserts, isComplete, canSplit, message, sinceMs };
    if (this.current !== undefined) this.refusing.refuse(response, this.current);
    if (!isComplete) this.oweWhole();
  }

  private isWholeTarget(upserts: readonly VersionedResource[]): boolean {
    const whole = this.subscribed(this.current?.resources ?? new Map());
    const sent = new Map(upserts.map(({ name, version }) => [name, version]));
    return (
      whole.length === sent.size && whole.every(({ name, version }) => sent.get(name) === version)
    );
  }

  private dropRemoved(name: string): void {
    this.held.delete(name);
    this.heartbeats.drop(name);
    this.refusals.clear(name);
  }

  private findPending(): Batch {
    this.pending ??= this.current === undefined ? NOTHING : this.compare(this.current);
    return this.pending;
  }

  private compare({ resources, errors }: TypeSnapshot): Batch {
    const { shared } = this.held;
    if (shared !== undefined && this.isPlain && errors.size === 0) {
      const { upserts, removals } = differenceOf(shared, resources);
      return { ...NOTHING, upserts, removals: this.can.remove ? removals : NO_NAMES };
    }
    const isAbsent = (name: string) => !resources.has(name) && !errors.has(name);
    const wanted = [...this.subscribed(resources), ...this.departed(resources)];
    const upserts = wanted.filter((resource) => this.isDue(resource));
    const { remove, reportMissing } = this.can;
    const known = remove ? new Set([...this.held.keys(), ...this.refusals.inDoubt]) : [];
    const removals = [...known].filter(isAbsent);
    const asked = reportMissing ? [...this.answers] : [];
    const sent = new Set(wanted.map(({ name }) => name));
    const missing = asked.filter(
      (name) => isAbsent(name) && !this.mayHold(name) && !sent.has(name),
    );
    const told = this.told.due(errors, this.subscription, this.answers);
    return { upserts, missing, removals, errors: told, heartbeats: [] };
  }

  /** Subscribed to, and there only a moment ago. */
  private departed(resources: ReadonlyMap<string, VersionedResource>): VersionedResource[] {
    const { fallback } = this;
    if (fallback === undefined) return [];
    const gone = [...this.subscription.names].filter((name) => !resources.has(name));
    return gone.map((name) => fallback.resources.get(name)).filter((one) => one !== undefined);
  }

  private subscribed(resources: ReadonlyMap<string, VersionedResource>): VersionedResource[] {
    if (this.subscription.isWildcard) return [...resources.values()];
    const found = [...this.subscription.names].map((name) => resources.get(name));
    return found.filter((resource) => resource !== undefined);
  }

  private isDue(resource: VersionedResource): boolean {
    const { name, version } = resource;
    if (this.refusals.covers(resource)) return false;
    const isHeld = this.held.get(name)?.version === version;
    if (isHeld && this.refusals.stoodUpFor(resource)) return false;
    return !isHeld || this.answers.has(name) || this.refusals.inDoubt.has(name);
  }

  private mayHold(name: string): boolean {
    return this.held.has(name) || this.refusals.inDoubt.has(name);
  }

  /** Logical time at which the response in flight was sent, if there is one. */
  get inFlightSinceMs(): number | undefined {
    return this.inFlight?.sinceMs;
  }

  get rejections(): readonly Rejection[] {
    return this.refusals.rejections;
  }

  get hasRejection(): boolean {
    return this.refusals.isAny;
  }

  /** True if the snapshot has it for the client, and no response with it has been sent yet. */
  isUnsent(name: string): boolean {
    if (!this.subscription.includes(name) || !this.current?.resources.has(name)) return false;
    return !this.held.has(name) && !this.refusals.inDoubt.has(name) && !this.isInFlight(name);
  }

  private isInFlight(name: string): boolean {
    return this.inFlight?.has(name) ?? false;
  }

  /** True if something new waits for the answer to the response in flight. */
  get hasUnsent(): boolean {
    if (this.inFlight === undefined) return false;
    return this.findPending().upserts.some(({ name }) => this.isUnsent(name));
  }

  /** Something is due and may not be sent. */
  isHoldingBack(isHeldBack: HoldBack): boolean {
    return this.findPending().upserts.some(isHeldBack);
  }

  get hasRemovals(): boolean {
    return this.findPending().removals.length > 0;
  }

  /** True if the client refuses the resource and is known to hold no other content of it. */
  isRefusedNew(name: string): boolean {
    const isWithheld = this.current?.errors.get(name)?.withheld !== undefined;
    const isRefused = isWithheld || this.refusals.isConvicted(name);
    return isRefused && !this.held.has(name) && !this.isBlind;
  }

  /** The client holds all it subscribes to of the target, and has been told so. */
  private get isSettled(): boolean {
    if (this.inFlight !== undefined || this.hasRejection || this.owesResponse) return false;
    return isEmpty(this.findPending());
  }

  /** Newest type version of which the client holds everything it subscribes to. */
  get ackedVersion(): string | undefined {
    if (this.current !== undefined && this.isSettled) this.heldVersion = this.current.version;
    return this.heldVersion;
  }
}
