import { createHash } from "node:crypto";
import { TokenBucket } from "../core/token-bucket.ts";
import { LIMIT_KEY, TIER_KEY } from "../policy/descriptor.ts";
import type { RateLimit } from "../policy/intent/rate-limit.ts";
import { toRps } from "../policy/rate.ts";
import { LeastRecentlyUsed } from "./least-recently-used.ts";

/**
 * One count for the whole mesh: a token bucket for each descriptor, in memory of fixed bounds. A request passes if every
 * limit it meets has its tokens; of one that is refused no limit loses a token. A limit in shadow never refuses. What no
 * limit of the intent knows passes: an Envoy may still ask for one that has just left. Of too many buckets the one
 * unused for longest goes, and is full when it comes again. Time comes with every call, monotonic milliseconds.
 */
export interface Descriptor {
  readonly entries: readonly { readonly key: string; readonly value: string }[];
}

export interface Judgement {
  readonly isOver: boolean;
  /** Of each descriptor, in order. */
  readonly statuses: readonly { readonly isOver: boolean; readonly remaining: number }[];
  /** Until the request could pass; 0 if it did. */
  readonly waitMs: number;
}

/** Since the limit is known; requests, not tokens. */
export interface LimitCount {
  readonly limit: string;
  readonly mode: RateLimit["mode"];
  readonly admitted: number;
  readonly refused: number;
  /** Admitted in shadow, and would have been refused. */
  readonly wouldRefuse: number;
}

/** At about 300 bytes a bucket 30 MB. */
const MAX_BUCKETS = 100_000;

/** Longer descriptors are kept by their hash: a header may hold 60 KB. */
const MAX_KEY_LENGTH = 256;

interface Held {
  readonly limit: RateLimit;
  readonly rps: number;
  readonly burst: number;
  readonly counts: { admitted: number; refused: number; wouldRefuse: number };
}

interface Asked {
  readonly held: Held;
  readonly bucket: TokenBucket;
  readonly isOver: boolean;
}

export class RateLimiter {
  #held = new Map<string, Held>();
  readonly #buckets: LeastRecentlyUsed<TokenBucket>;

  constructor(maxBuckets = MAX_BUCKETS) {
    this.#buckets = new LeastRecentlyUsed(maxBuckets, () => new TokenBucket());
  }

  get bucketCount(): number {
    return this.#buckets.size;
  }

  /** Buckets and counts of limits that stay are kept, also where rate and burst move. */
  setLimits(limits: readonly RateLimit[]): void {
    const asked = limits.filter(({ scope, mode }) => scope === "global" && mode !== "off");
    this.#held = new Map(
      asked.map((limit) => {
        const counts = this.#held.get(limit.name)?.counts ?? {
          admitted: 0,
          refused: 0,
          wouldRefuse: 0,
        };
        const { rate, burst } = limit;
        return [limit.name, { limit, rps: toRps(rate), burst, counts }];
      }),
    );
  }

  /** `hits`: tokens the request takes of each limit. */
  judge(nowMs: number, descriptors: readonly Descriptor[], hits: number): Judgement {
    const asked = descriptors.map((descriptor) => this.#ask(nowMs, descriptor, hits));
    const isOver = asked.some(isRefusing);
    let longestMs = 0;
    for (const each of asked) {
      if (each === undefined) continue;
      if (!isOver) pass(each, nowMs, hits);
      else if (isRefusing(each)) longestMs = Math.max(longestMs, refuse(each, hits));
    }
    const statuses = asked.map((each) => ({
      isOver: isRefusing(each),
      remaining: Math.floor(each?.bucket.tokens ?? 0),
    }));
    return { isOver, statuses, waitMs: longestMs };
  }

  counts(): LimitCount[] {
    return [...this.#held.values()].map(({ limit: { name, mode }, counts }) => ({
      limit: name,
      mode,
      ...counts,
    }));
  }

  #ask(nowMs: number, { entries }: Descriptor, hits: number): Asked | undefined {
    const [first, second] = entries;
    const known = first?.key === LIMIT_KEY ? this.#held.get(first.value) : undefined;
    const held = known && ofTier(known, second);
    if (held === undefined) return undefined;
    const bucket = this.#buckets.use(keyOf(entries));
    // Fills it, and takes nothing.
    bucket.take(nowMs, 0, held.rps, held.burst);
    return { held, bucket, isOver: bucket.tokens < hits };
  }
}

/** What a descriptor with a tier asks of; undefined: the tier has no bucket of its own. */
function ofTier(held: Held, entry: Descriptor["entries"][number] | undefined): Held | undefined {
  if (entry?.key !== TIER_KEY) return held;
  const own = held.limit.tiered?.rates[entry.value];
  return own && { ...held, rps: toRps(own.rate), burst: own.burst };
}

function isRefusing(asked: Asked | undefined): boolean {
  return asked?.isOver === true && asked.held.limit.mode === "enforce";
}

/** How long until its tokens are there. */
function refuse({ held, bucket }: Asked, hits: number): number {
  held.counts.refused += 1;
  return bucket.waitMs(hits, held.rps);
}

function pass({ held, bucket, isOver }: Asked, nowMs: number, hits: number): void {
  const { counts, rps, burst } = held;
  counts.admitted += 1;
  if (isOver) counts.wouldRefuse += 1;
  else bucket.take(nowMs, hits, rps, burst);
}

/** No header holds a character 0, so no two descriptors have one key. */
function keyOf(entries: Descriptor["entries"]): string {
  let text = "";
  for (const { key, value } of entries) text += `${key}\0${value}\0`;
  if (text.length <= MAX_KEY_LENGTH) return text;
  return createHash("sha256").update(text).digest("base64");
}
