import { createHash } from "node:crypto";
import type { JudgementView, SheddingView } from "./view/mesh.ts";

/**
 * When and why the judgement of a Shedding on an Envoy changed: what happened while nobody looked. The newest 500, in
 * memory; a state held for a single second between two others counts like any other.
 */
const KEPT = 500;

export class JudgementLog {
  readonly #states = new Map<string, SheddingView["state"]>();
  readonly #kept: JudgementView[] = [];

  /** Newest first. */
  get newest(): readonly JudgementView[] {
    return this.#kept;
  }

  observe(second: number, sheddings: readonly SheddingView[]): void {
    const seen = new Set<string>();
    for (const shedding of sheddings) {
      const key = `${shedding.node}\n${shedding.shedding}`;
      seen.add(key);
      const from = this.#states.get(key);
      if (from === shedding.state) continue;
      this.#states.set(key, shedding.state);
      this.#kept.unshift(toJudgement(second, shedding, from));
    }
    for (const key of this.#states.keys()) if (!seen.has(key)) this.#states.delete(key);
    this.#kept.length = Math.min(this.#kept.length, KEPT);
  }
}

function toJudgement(
  second: number,
  { shedding, node, state, why, limit, inflight }: SheddingView,
  from: SheddingView["state"] | undefined,
): JudgementView {
  const hash = createHash("sha256").update(`${shedding}\n${node}\n${state}`).digest("hex");
  return {
    id: `${second.toString(36)}-${hash.slice(0, 6)}`,
    at: new Date(second * 1000).toISOString(),
    shedding,
    node,
    ...(from !== undefined && { from }),
    to: state,
    why,
    ...(limit !== undefined && { limit }),
    ...(inflight !== undefined && { inflight }),
  };
}
