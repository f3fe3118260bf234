import { latencySeen } from "../audit/measures.ts";
import type { News } from "../decide/engine/news.ts";

/**
 * How far a change has come: pushed, held by how many Envoys, refused by which. One is watched at a time; one that is not
 * done when a newer begins is done with it, since every Envoy then waits for the newer.
 */
export interface Change {
  /** Records that caused it. */
  readonly causes: readonly string[];
  /** Monotonic: when the engine had decided and the new resources were about to be built. */
  readonly sinceMs: number;
  /** What came before: from the end of the second judged to the engine's turn, and the turn with its writing down. */
  readonly ingestSeconds: number;
  readonly evaluationSeconds: number;
}

export interface Holder {
  readonly nodeId: string;
  readonly isConnected: boolean;
  readonly types: readonly {
    readonly state: "SYNCED" | "STALE" | "NOT SENT" | "REJECTED";
    readonly rejections: readonly { readonly name: string; readonly message: string }[];
  }[];
}

const SETTLING_MS = 500;

export class Progress {
  #change: Change | undefined;
  /** Monotonic, of the newest. */
  #begunMs = 0;
  #answeredMs = 0;
  #sentMs = 0;

  begin(change: Change): void {
    const { sinceMs, causes } = change;
    const open = this.#change;
    this.#change = open === undefined ? change : { ...open, causes: [...open.causes, ...causes] };
    this.#begunMs = sinceMs;
    this.#answeredMs = sinceMs;
  }

  /** Something was sent to an Envoy. */
  noteSent(nowMs: number): void {
    this.#sentMs = nowMs;
  }

  /** An Envoy answered: the last one to do so ends the change. */
  noteAnswer(nowMs: number): void {
    this.#answeredMs = nowMs;
  }

  /** Undefined: nothing is under way, or not all have answered, or there is nobody to. */
  look(holders: readonly Holder[], nowMs: number): News | undefined {
    const change = this.#change;
    // Envoys are told in slices: right after a change those still to come look as if they had it.
    if (change === undefined || nowMs - this.#begunMs < SETTLING_MS) return undefined;
    const connected = holders.filter(({ isConnected }) => isConnected);
    if (connected.length === 0) return undefined;
    const states = connected.map(({ nodeId, types }) => ({ nodeId, types, state: worst(types) }));
    if (states.some(({ state }) => state === "waiting")) return undefined;
    this.#change = undefined;
    const refused = states.filter(({ state }) => state === "refused");
    const took = `${((this.#answeredMs - change.sinceMs) / 1000).toFixed(2)} s`;
    const total = connected.length;
    const because =
      refused.length === 0
        ? [
            `${total === 1 ? "The one Envoy holds it" : `All ${total} Envoys hold it, the last`} after ${took}.`,
          ]
        : [
            `${refused.length} of ${total} Envoys refuse it, and keep what they had.`,
            ...refused.map(({ nodeId, types }) => `${nodeId}: ${firstRefusal(types)}`),
          ];
    return {
      kind: "outcome",
      subject: { kind: "Engine", name: "push" },
      body: {
        verdict: refused.length === 0 ? "applied" : "partial",
        because,
        seen: latencySeen(this.#split(change)),
        causes: change.causes,
      },
    };
  }

  #split({ sinceMs, ingestSeconds, evaluationSeconds }: Change) {
    const sentMs = Math.min(Math.max(this.#sentMs, sinceMs), this.#answeredMs);
    return {
      ingest: ingestSeconds,
      evaluation: evaluationSeconds,
      push: (sentMs - sinceMs) / 1000,
      ack: (this.#answeredMs - sentMs) / 1000,
    };
  }
}

/** Of the Envoys that are connected: those that refuse something. */
export function refusedRatio(holders: readonly Holder[]): number {
  const connected = holders.filter(({ isConnected }) => isConnected);
  const refused = connected.filter(({ types }) => worst(types) === "refused");
  return connected.length === 0 ? 0 : refused.length / connected.length;
}

function worst(types: Holder["types"]): "held" | "waiting" | "refused" {
  if (types.some(({ state }) => state === "REJECTED")) return "refused";
  return types.some(({ state }) => state === "STALE" || state === "NOT SENT") ? "waiting" : "held";
}

function firstRefusal(types: Holder["types"]): string {
  const [refusal] = types.flatMap(({ rejections }) => rejections);
  return refusal === undefined ? "refused" : `${refusal.name}: ${refusal.message}`;
}
