import type { Batch } from "./batch.ts";
import { Heartbeats } from "./heartbeats.ts";
import { Held, type Resources } from "./held.ts";
import type { InFlight } from "./in-flight.ts";
import { Refusals } from "./refusals.ts";
import type { VersionedResource } from "./snapshot.ts";
import { Subscription } from "./subscription.ts";
import { ToldErrors } from "./told-errors.ts";

/** What differs between the forms of the protocol and between clients. */
export interface Abilities {
  /** A response can say that a resource is gone. */
  readonly remove: boolean;
  /** A response can say that a name is not there. */
  readonly reportMissing: boolean;
  /** The client forgets what has a time to live. */
  readonly expire: boolean;
}

/** Of all who refused nothing: nothing is ever put into it. */
const NO_REFUSALS = new Refusals();

/**
 * What one client wants of one type on one stream, what it holds, and what it must be answered although it lacks
 * nothing.
 *
 * Invariants: `held` only has what the client accepted (or said it holds when it connected); what it refused is
 * `refusals.ts`. `due` is absent whenever something here or the target has changed since it was found.
 */
export class ClientState {
  readonly subscription: Subscription;
  readonly held = new Held();
  /** Names that must be answered even if the client is known to hold them. */
  readonly asked = new Set<string>();
  readonly told = new ToldErrors();
  readonly heartbeats = new Heartbeats();
  /** The response it has not answered yet. */
  inFlight: InFlight | undefined;
  /** The next response is due even if it is empty. */
  owesResponse = false;
  /**
   * The client holds something unknown, and a response deletes what it does not name: until the first is accepted,
   * every response is whole, and a refused one is not taken apart.
   */
  isBlind = false;
  due: Batch | undefined;
  /** Absent until something is refused. */
  private refused: Refusals | undefined;

  constructor(
    hasLegacyWildcard: boolean,
    readonly can: Abilities,
  ) {
    this.subscription = new Subscription(hasLegacyWildcard);
  }

  /** To read and to clear. */
  get refusals(): Refusals {
    return this.refused ?? NO_REFUSALS;
  }

  /** To add to. */
  get refusing(): Refusals {
    this.refused ??= new Refusals();
    return this.refused;
  }

  /** Nothing is asked for, doubted or refused, and all is wanted: what is due follows from two sets alone. */
  get isPlain(): boolean {
    return (
      this.subscription.isWildcard &&
      this.asked.size === 0 &&
      this.refusals.inDoubt.size === 0 &&
      !this.refusals.isAny
    );
  }

  /** It holds some content of the name, or may. */
  mayHold(name: string): boolean {
    return this.held.has(name) || this.refusals.inDoubt.has(name);
  }

  /** The name must be answered even if the client is known to hold it. */
  answer(name: string): void {
    this.asked.add(name);
    this.told.forget(name);
    this.refusals.readmit(name);
    this.due = undefined;
  }

  /** The client holds the name already: only a difference is sent. */
  answered(name: string): void {
    this.asked.delete(name);
    this.due = undefined;
  }

  answeredAll(): void {
    this.owesResponse = false;
  }

  answerAlways(): void {
    this.owesResponse = true;
    this.due = undefined;
  }

  /** What a blind client refused may have named less than it holds: only a whole response can take the rest from it. */
  answerWhole(): void {
    const { isWildcard, names } = this.subscription;
    if (this.isBlind && (isWildcard || names.size > 0)) this.answerAlways();
  }

  /** Sends a held resource once more, since what uses it was replaced. */
  resend(name: string): void {
    if (!this.held.has(name)) return;
    this.asked.add(name);
    this.due = undefined;
  }

  /** The client says it holds this from an earlier stream. */
  recall(resource: VersionedResource): void {
    this.hold(resource);
    if (this.can.expire) this.heartbeats.noteRecalled(resource);
  }

  /** The same of everything at once; false if that is not just what it says it holds and wants. */
  recallAll(known: Readonly<Record<string, string>>, resources: Resources): boolean {
    const names = Object.keys(known);
    if (!this.isPlain || names.length === 0 || names.length !== resources.size) return false;
    for (const name of names) if (resources.get(name)?.version !== known[name]) return false;
    this.held.become(resources);
    if (this.can.expire) for (const one of resources.values()) this.heartbeats.noteRecalled(one);
    this.answeredAll();
    this.due = undefined;
    return true;
  }

  hold(resource: VersionedResource): void {
    this.held.set(resource);
    this.refusals.clear(resource.name);
    this.due = undefined;
  }

  /** It took a removal: it wants the name and has nothing of it. */
  drop(name: string): void {
    this.held.delete(name);
    this.heartbeats.drop(name);
    this.refusals.clear(name);
  }

  /** The client no longer wants the name: nothing is known of what it holds. */
  forget(name: string): void {
    this.drop(name);
    this.asked.delete(name);
    this.told.forget(name);
    this.inFlight?.forget(name);
    this.due = undefined;
  }

  forgetUnsubscribed(): void {
    const known = [
      ...this.held.keys(),
      ...this.refusals.inDoubt,
      ...(this.inFlight?.upserts.map(({ name }) => name) ?? []),
    ];
    for (const name of known) if (!this.subscription.includes(name)) this.forget(name);
    this.due = undefined;
  }
}
