import type { Held, Resources } from "./held.ts";
import type { VersionedResource } from "./snapshot.ts";

/**
 * When a client must hear again of what it holds with a time to live. A heartbeat is the resource without its body: the
 * client's clock starts anew, nothing is applied. If none could be sent in time (the client did not answer, or the process
 * stood still), the client has forgotten the resource: it is sent whole again.
 *
 * Law: due(t) = t >= sent + ttl / 3, gone(t) = t >= sent + ttl. So two heartbeats in a row may be late.
 *
 * Source: https://www.envoyproxy.io/docs/envoy/v1.40.0/api-docs/xds_protocol#xds-ttl
 */
export class Heartbeats {
  /** Absent while nothing has an end, which is the rule: ten thousand streams would each hold an empty one per type. */
  private sent: Map<string, { readonly atMs: number; readonly ttlMs: number }> | undefined;

  /** Its content or a heartbeat is on its way. */
  note({ name, ttlMs }: VersionedResource, atMs: number): void {
    if (ttlMs === undefined) this.drop(name);
    else this.set(name, atMs, ttlMs);
  }

  /** The client holds it from an earlier stream; when it heard of it is unknown, so a heartbeat is due at once. */
  noteRecalled({ name, ttlMs }: VersionedResource): void {
    if (ttlMs !== undefined) this.set(name, UNKNOWN_TIME, ttlMs);
  }

  private set(name: string, atMs: number, ttlMs: number): void {
    this.sent ??= new Map();
    this.sent.set(name, { atMs, ttlMs });
  }

  drop(name: string): void {
    this.sent?.delete(name);
  }

  /** What the client is to hear of by now; it hears only of what it holds exactly as `wanted` has it. */
  due(held: Held, wanted: Resources, nowMs: number): readonly VersionedResource[] {
    const beating = this.beating(held, wanted);
    return beating.length === 0 ? beating : beating.filter((one) => this.dueAtMs(one) <= nowMs);
  }

  /** When the next one is due; undefined if nothing it holds has an end. */
  nextMs(held: Held, wanted: Resources | undefined): number | undefined {
    const beating = wanted === undefined ? NONE : this.beating(held, wanted);
    if (beating.length === 0) return undefined;
    return Math.min(...beating.map((one) => this.dueAtMs(one)));
  }

  private beating(held: Held, wanted: Resources): readonly VersionedResource[] {
    if (this.sent === undefined || this.sent.size === 0) return NONE;
    const known = [...this.sent.keys()].map((name) => wanted.get(name));
    return known
      .filter((one) => one !== undefined)
      .filter(({ name, version }) => held.get(name)?.version === version);
  }

  private dueAtMs({ name }: VersionedResource): number {
    const sent = this.sent?.get(name);
    return sent === undefined ? 0 : sent.atMs + Math.floor(sent.ttlMs / HEARTBEATS_PER_TTL);
  }

  /** Names the client has forgotten by now; they are told once. */
  takeGone(nowMs: number): readonly string[] {
    if (this.sent === undefined) return NO_NAMES;
    const all = [...this.sent];
    const gone = all.filter(
      ([, { atMs, ttlMs }]) => atMs !== UNKNOWN_TIME && nowMs >= atMs + ttlMs,
    );
    for (const [name] of gone) this.sent.delete(name);
    return gone.map(([name]) => name);
  }
}

const NONE: readonly VersionedResource[] = [];
const NO_NAMES: readonly string[] = [];
const HEARTBEATS_PER_TTL = 3;
const UNKNOWN_TIME = Number.NEGATIVE_INFINITY;
