import type { ClientState } from "./client-state.ts";
import type { InFlight } from "./in-flight.ts";
import type { TypeSnapshot, VersionedResource } from "./snapshot.ts";

/** A client's ACK or NACK, and what follows from it for what it holds. */
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

/** Undefined if the nonce is not that of the response in flight. */
export function applyAnswer(
  client: ClientState,
  answer: Answer,
  target: TypeSnapshot | undefined,
): Outcome | undefined {
  const { inFlight } = client;
  if (inFlight === undefined || inFlight.nonce !== answer.nonce) return undefined;
  client.inFlight = undefined;
  client.due = undefined;
  for (const name of inFlight.forgotten) {
    if (client.subscription.includes(name)) client.refusing.doubt(name);
  }
  return answer.error === undefined
    ? accept(client, inFlight, target)
    : refuse(client, inFlight, { message: answer.error, sinceMs: answer.nowMs }, target);
}

function accept(
  client: ClientState,
  { upserts, removals, leadsTo, isComplete }: InFlight,
  target: TypeSnapshot | undefined,
): Outcome {
  if (client.isBlind) see(client);
  if (leadsTo !== undefined && client.isPlain && isComplete) {
    client.held.become(leadsTo);
    return { kind: "acked", upserts };
  }
  for (const resource of upserts) client.hold(resource);
  for (const name of removals) client.drop(name);
  if (target !== undefined) client.held.settle(target.resources);
  return { kind: "acked", upserts };
}

/** A whole response was accepted: what it does not name, the client does not hold. */
function see(client: ClientState): void {
  client.isBlind = false;
  for (const name of [...client.refusals.inDoubt]) client.refusals.clear(name);
}

function refuse(
  client: ClientState,
  inFlight: InFlight,
  said: { readonly message: string; readonly sinceMs: number },
  target: TypeSnapshot | undefined,
): Outcome {
  const { upserts, isComplete } = inFlight;
  const isBlamable = isComplete && !client.isBlind && upserts.length > 0;
  const blames = !isBlamable ? "none" : upserts.length === 1 ? "one" : "some";
  // A refused removal is not repeated on its own; one that came with refused content may have been done or not.
  if (upserts.length === 0 && isComplete) {
    for (const name of inFlight.removals) client.drop(name);
  } else {
    for (const name of inFlight.removals) client.refusing.doubt(name);
    blameContent(client, inFlight, said, target);
  }
  return { kind: "nacked", upserts, blames };
}

function blameContent(
  client: ClientState,
  inFlight: InFlight,
  said: { readonly message: string; readonly sinceMs: number },
  target: TypeSnapshot | undefined,
): void {
  const { upserts } = inFlight;
  const canSplit = !client.isBlind;
  const isWhole = () => target !== undefined && isAllOf(client, upserts, target);
  const isComplete = inFlight.isComplete && (canSplit || isWhole());
  if (target !== undefined) {
    client.refusing.refuse({ upserts, isComplete, canSplit, ...said }, target);
  }
  if (!isComplete) client.answerWhole();
}

/** They are all that the client subscribes to of the target. */
function isAllOf(
  { subscription }: ClientState,
  upserts: readonly VersionedResource[],
  { resources }: TypeSnapshot,
): boolean {
  const whole = subscription.select(resources);
  const sent = new Map(upserts.map(({ name, version }) => [name, version]));
  return (
    whole.length === sent.size && whole.every(({ name, version }) => sent.get(name) === version)
  );
}
