import type { SnapshotCache } from "./cache.ts";
import type { XdsEvent } from "./event.ts";
import type { Verdict } from "./group.ts";
import type { Action } from "./machine.ts";
import type { StreamIdentity } from "./node-status.ts";
import { PHASE_TIMEOUT_MS } from "./order.ts";
import type { Schedule } from "./schedule.ts";
import { type Snapshot, typeSnapshotOf, type VersionedResource } from "./snapshot.ts";
import type { TypeReport } from "./type-state.ts";

/**
 * One stream's place in the group of its key (`group.ts`): what it is given, what its answers say to the others, and
 * what its status is in the light of theirs.
 */
interface SeatContext {
  readonly cache: SnapshotCache;
  readonly nowMs: () => number;
  readonly schedule: Schedule;
  readonly emit: (event: XdsEvent) => void;
}

type Answer = Exclude<Action, { kind: "send" }>;

export class Seat {
  constructor(
    private readonly identity: StreamIdentity,
    private readonly context: SeatContext,
  ) {}

  /** What this stream is to be given now. */
  get snapshot(): Snapshot | undefined {
    const { key, streamId, node } = this.identity;
    return this.context.cache.servedTo(key, { streamId, nodeId: node.id });
  }

  /** True if that may not be what was published. */
  get isKeptBack(): boolean {
    return this.context.cache.isWithholding(this.identity.key);
  }

  /** Tells the group what the client made of a response; what the owner of the server is to hear of it. */
  tell(answer: Answer): readonly XdsEvent[] {
    const { cache } = this.context;
    const { key, node } = this.identity;
    const { kind, typeUrl } = answer;
    const nodeId = node.id;
    switch (kind) {
      case "acked":
        cache.accept(key, typeUrl, answer.outcome.upserts);
        return [{ kind, nodeId, typeUrl, version: answer.version }];
      case "recalled":
        cache.accept(key, typeUrl, answer.resources);
        return [];
      case "nacked": {
        const { version, message, outcome } = answer;
        const names = outcome.upserts.map(({ name }) => name);
        return [{ kind, nodeId, typeUrl, version, names, message }, ...this.blame(answer)];
      }
      case "unsupported-type":
        return [{ kind, nodeId, typeUrl }];
    }
  }

  private blame(answer: Extract<Answer, { kind: "nacked" }>): readonly XdsEvent[] {
    const { cache, nowMs, schedule } = this.context;
    const { key, streamId, node } = this.identity;
    const { typeUrl, message, outcome } = answer;
    const { blames, upserts: resources } = outcome;
    if (blames === "none") return [];
    const by = { streamId, nodeId: node.id, message, nowMs: nowMs() };
    const isAlone = blames === "one";
    const verdict = cache.refuse(key, { ...by, typeUrl, resources, isAlone });
    if (verdict.kind === "searching") {
      schedule(SEARCH_LIMIT_MS, () => cache.endSearch(key, streamId));
    }
    if (verdict.kind === "asking") schedule(ANSWER_LIMIT_MS, () => this.endAsking(resources));
    return withheldEvents(key, verdict);
  }

  private endAsking(resources: readonly VersionedResource[]): void {
    const { cache, emit } = this.context;
    const { key } = this.identity;
    for (const resource of resources) {
      withheldEvents(key, cache.endAsking(key, resource)).forEach(emit);
    }
  }

  /** As if nothing were withheld: a node that holds the last good content does not hold what is wanted. */
  correct(reports: Iterable<TypeReport>): Iterable<TypeReport> {
    const { cache } = this.context;
    const wanted = this.isKeptBack ? cache.get(this.identity.key) : undefined;
    if (wanted === undefined) return reports;
    return [...reports].map(({ typeUrl, sent, acked, hasRejection, rejections }) => {
      const { version } = typeSnapshotOf(wanted, typeUrl);
      return { typeUrl, wanted: version, sent, acked, hasRejection, rejections };
    });
  }

  /** The stream ended. */
  leave(): void {
    this.context.cache.endSearch(this.identity.key, this.identity.streamId);
  }
}

function withheldEvents(key: string, verdict: Verdict): readonly XdsEvent[] {
  if (verdict.kind !== "withheld") return [];
  return verdict.withheld.map((one) => ({ kind: "withheld", key, ...one }));
}

/** After it a change goes ahead without an answer too (`order.ts`). */
const ANSWER_LIMIT_MS = PHASE_TIMEOUT_MS;

/** A client that takes a refused response apart answers each part at once; the rest of its key waits no longer than this. */
const SEARCH_LIMIT_MS = 10_000;
