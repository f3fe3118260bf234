import type { Notification } from "./alert.ts";

/**
 * What is still to be sent to whom, and what came of it: at least once under one key, so a receiver that knows the key gets it
 * once. Tries are bounded; between them it waits twice as long each time. Plain values, kept before anything is sent, so that
 * a restart sends what was not sent and nothing else.
 */
export interface Delivery<Payload = Notification> {
  /** Idempotency key: of the notification and the adapter. */
  readonly key: string;
  readonly adapter: string;
  readonly group: string;
  readonly state: "waiting" | "sent" | "failed";
  readonly tries: number;
  readonly dueTick: number;
  readonly endedTick?: number;
  /** Why the last try failed. */
  readonly why?: string;
  /** Gone once it has ended. */
  readonly payload?: Payload;
}

export type Sent =
  | { readonly ok: true }
  /** `isFinal`: another try would be refused too. */
  | { readonly ok: false; readonly why: string; readonly isFinal: boolean };

export const MOST_TRIES = 12;
const FIRST_WAIT_SECONDS = 1;
const LONGEST_WAIT_SECONDS = 60;
const MOST_WAITING = 64;
const MOST_KEPT = 256;

export function enqueue<Payload>(
  before: readonly Delivery<Payload>[],
  fresh: readonly Pick<Delivery<Payload>, "key" | "adapter" | "group" | "payload">[],
  tick: number,
): readonly Delivery<Payload>[] {
  const known = new Set(before.map(({ key }) => key));
  const added = fresh
    .filter(({ key }) => !known.has(key))
    .map((each) => ({ ...each, state: "waiting" as const, tries: 0, dueTick: tick }));
  return bound([...before, ...added], tick);
}

export function dueOf<Payload>(
  deliveries: readonly Delivery<Payload>[],
  tick: number,
): readonly Delivery<Payload>[] {
  return deliveries.filter(({ state, dueTick }) => state === "waiting" && dueTick <= tick);
}

/** What came of a try. */
export function settle<Payload>(
  deliveries: readonly Delivery<Payload>[],
  key: string,
  sent: Sent,
  tick: number,
): readonly Delivery<Payload>[] {
  return deliveries.map((each) => {
    if (each.key !== key || each.state !== "waiting") return each;
    const tries = each.tries + 1;
    if (sent.ok) return ended(each, { state: "sent", tries }, tick);
    const { why } = sent;
    if (sent.isFinal || tries >= MOST_TRIES)
      return ended(each, { state: "failed", tries, why }, tick);
    const wait = Math.min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** tries);
    return { ...each, tries, why, dueTick: tick + wait };
  });
}

function ended<Payload>(
  { payload: _, ...delivery }: Delivery<Payload>,
  change: Pick<Delivery<Payload>, "state" | "tries"> & { readonly why?: string },
  tick: number,
): Delivery<Payload> {
  const { why: __, ...rest } = delivery;
  return { ...rest, ...change, endedTick: tick };
}

/** The oldest waits longest and is given up first: what is new matters more. */
function bound<Payload>(
  all: readonly Delivery<Payload>[],
  tick: number,
): readonly Delivery<Payload>[] {
  const waiting = all.filter(({ state }) => state === "waiting");
  const dropped = new Set(waiting.slice(0, Math.max(0, waiting.length - MOST_WAITING)));
  return all
    .map((each) =>
      dropped.has(each)
        ? ended(each, { state: "failed", tries: each.tries, why: "too much else waits" }, tick)
        : each,
    )
    .slice(-MOST_KEPT);
}
