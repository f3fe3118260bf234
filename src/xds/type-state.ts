import { type Answer, applyAnswer, type Outcome } from "./answer.ts";
import { type Batch, isEmpty, NOTHING } from "./batch.ts";
import { type Abilities, ClientState } from "./client-state.ts";
import { differenceOf } from "./difference.ts";
import { findDue } from "./due.ts";
import { InFlight } from "./in-flight.ts";
import type { Rejection } from "./refusals.ts";
import type { ResourceType } from "./resource-types.ts";
import type { TypeSnapshot, VersionedResource } from "./snapshot.ts";

/**
 * One type on one stream, and what the client should get of it next. The law: send the difference between what is
 * subscribed in the target snapshot and what the client acknowledged, one response at a time. Whatever changes while a
 * response is unanswered is part of the next difference, so changes coalesce and a client that stops reading costs one
 * response per type.
 */
export type Part = "upserts" | "removals" | "both";
type HoldBack = (resource: VersionedResource) => boolean;
export interface Turn {
  readonly part: Part;
  /** An earlier phase is unanswered: only what need not wait for it may go. */
  readonly isGated: boolean;
  readonly isHeldBack: HoldBack;
  readonly nowMs: number;
}

/** What a stream knows of one type, for status. */
export interface TypeReport {
  readonly typeUrl: string;
  /** Type version of the target. */
  readonly wanted: string | undefined;
  /** Type version of the last response. */
  readonly sent: string | undefined;
  /** Newest type version of which the client holds everything it subscribes to. */
  readonly acked: string | undefined;
  readonly hasRejection: boolean;
  readonly rejections: readonly Rejection[];
}

export class TypeState implements TypeReport {
  readonly client: ClientState;
  private fallback: TypeSnapshot | undefined;
  private current: TypeSnapshot | undefined;
  sent: string | undefined;
  private heldVersion: string | undefined;

  constructor(
    readonly type: ResourceType,
    can: Abilities,
  ) {
    this.client = new ClientState(type.isWildcard, can);
  }

  get typeUrl(): string {
    return this.type.typeUrl;
  }

  get wanted(): string | undefined {
    return this.current?.version;
  }

  get target(): TypeSnapshot | undefined {
    return this.current;
  }

  setTarget(target: TypeSnapshot): void {
    const { contentHash, version } = this.current ?? {};
    if (contentHash === target.contentHash && version === target.version) return;
    const { client } = this;
    this.current = target;
    client.due = undefined;
    if (client.isBlind) client.refusals.readmitAll();
    client.refusals.prune(target);
    client.told.prune(target.errors);
    if (client.inFlight === undefined) client.answerWhole();
  }

  /** What a name that is asked for is answered from if the snapshot has it no more. */
  fallBackOn(earlier: TypeSnapshot | undefined): void {
    this.fallback = earlier;
    this.client.due = undefined;
  }

  /** What may be sent now: nothing while a response is in flight or before there is a snapshot. */
  next({ part, isGated, isHeldBack, nowMs }: Turn): Batch | undefined {
    const { client } = this;
    if (client.inFlight !== undefined || this.current === undefined) return undefined;
    // A first response is whole or not at all: part of it could read as "the rest is gone".
    if (isGated && client.owesResponse) return undefined;
    for (const name of client.heartbeats.takeGone(nowMs)) client.resend(name);
    const due = this.due();
    const removals = part === "upserts" ? NOTHING.removals : due.removals;
    if (part === "removals") return removals.length === 0 ? undefined : { ...NOTHING, removals };
    // The same array wherever nothing is held back: what is encoded from it is shared.
    const free = due.upserts.some(isHeldBack)
      ? due.upserts.filter((resource) => !isHeldBack(resource))
      : due.upserts;
    const upserts = this.chooseUpserts(free, this.current);
    const { missing, errors } = due;
    const heartbeats = this.heartbeatsBut(upserts, this.current, nowMs);
    const whole = { upserts, missing, removals, errors, heartbeats };
    return isEmpty(whole) && !client.owesResponse ? undefined : whole;
  }

  private heartbeatsBut(
    upserts: readonly VersionedResource[],
    { resources }: TypeSnapshot,
    nowMs: number,
  ): readonly VersionedResource[] {
    const { heartbeats, held } = this.client;
    const due = heartbeats.due(held, resources, nowMs);
    return due.length === 0 ? due : due.filter((resource) => !upserts.includes(resource));
  }

  private chooseUpserts(
    due: readonly VersionedResource[],
    { resources }: TypeSnapshot,
  ): readonly VersionedResource[] {
    const { isBlind, owesResponse, refusals, subscription } = this.client;
    if (!isBlind) return refusals.choose(due);
    return due.length === 0 && !owesResponse ? [] : subscription.select(resources);
  }

  private due(): Batch {
    const { client, current, fallback } = this;
    client.due ??= current === undefined ? NOTHING : findDue(client, current, fallback);
    return client.due;
  }

  commit(batch: Batch, sent: { nonce: string; version: string; nowMs: number }): void {
    const { client } = this;
    const { asked, heartbeats } = client;
    const leadsTo = this.isWhole(batch) ? this.current?.resources : undefined;
    client.inFlight = new InFlight(batch, sent, leadsTo);
    if (asked.size > 0) {
      const { missing, removals } = batch;
      const named = [...batch.upserts, ...batch.errors].map(({ name }) => name);
      for (const name of [...named, ...missing, ...removals]) asked.delete(name);
    }
    client.told.tell(batch.errors);
    if (client.can.expire) {
      for (const one of [...batch.upserts, ...batch.heartbeats]) heartbeats.note(one, sent.nowMs);
    }
    client.owesResponse = false;
    client.due = undefined;
    this.sent = sent.version;
  }

  /** The batch takes a client that holds exactly one snapshot to exactly the target. */
  private isWhole({ upserts, removals }: Batch): boolean {
    const { held, isPlain } = this.client;
    const { shared } = held;
    if (shared === undefined || this.current === undefined || !isPlain) return false;
    const difference = differenceOf(shared, this.current.resources);
    return difference.upserts === upserts && difference.removals.length === removals.length;
  }

  /** The client's answer to the response in flight; undefined if the nonce is not that response's. */
  receive(answer: Answer): Outcome | undefined {
    return applyAnswer(this.client, answer, this.current);
  }

  /** When a heartbeat is due if nothing else happens; undefined while something else is. */
  get nextHeartbeatMs(): number | undefined {
    const { inFlight, owesResponse, heartbeats, held } = this.client;
    if (inFlight !== undefined || owesResponse) return undefined;
    return heartbeats.nextMs(held, this.current?.resources);
  }

  get hasRejection(): boolean {
    return this.client.refusals.isAny;
  }

  /** True if the snapshot has it for the client, and no response with it has been sent yet. */
  isUnsent(name: string): boolean {
    const { client } = this;
    if (!client.subscription.includes(name) || !this.current?.resources.has(name)) return false;
    return !client.mayHold(name) && client.inFlight?.has(name) !== true;
  }

  /** True if something new waits for the answer to the response in flight. */
  get hasUnsent(): boolean {
    const { inFlight } = this.client;
    if (inFlight === undefined) return false;
    const { upserts } = this.due();
    return !inFlight.isAllOf(upserts) && upserts.some(({ name }) => this.isUnsent(name));
  }

  /** Something is due and may not be sent. */
  isHoldingBack(isHeldBack: HoldBack): boolean {
    return this.due().upserts.some(isHeldBack);
  }

  get hasRemovals(): boolean {
    return this.due().removals.length > 0;
  }

  /** True if the client refuses the resource and is known to hold no other content of it. */
  isRefusedNew(name: string): boolean {
    const { refusals, held, isBlind } = this.client;
    const isWithheld = this.current?.errors.get(name)?.withheld !== undefined;
    return (isWithheld || refusals.isConvicted(name)) && !held.has(name) && !isBlind;
  }

  /** The client holds all it subscribes to of the target, and has been told so. */
  private get isSettled(): boolean {
    const { inFlight, owesResponse } = this.client;
    if (inFlight !== undefined || this.hasRejection || owesResponse) return false;
    return isEmpty(this.due());
  }

  get acked(): string | undefined {
    if (this.current !== undefined && this.isSettled) this.heldVersion = this.current.version;
    return this.heldVersion;
  }

  get rejections(): readonly Rejection[] {
    return this.client.refusals.rejections;
  }
}
