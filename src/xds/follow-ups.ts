/**
 * What the client is expected to ask for next, and since when: a listener that names another route configuration has it
 * fetched by the client, which takes a while and which some clients never do. So each name is waited for once.
 */
export class FollowUps {
  private readonly sinceMs = new Map<string, number>();

  /** Takes the names awaited now; returns since when the newest of them is, or long ago if there is none. */
  update(names: Iterable<string>, nowMs: number): number {
    const awaited = new Set(names);
    for (const name of this.sinceMs.keys()) if (!awaited.has(name)) this.sinceMs.delete(name);
    for (const name of awaited) if (!this.sinceMs.has(name)) this.sinceMs.set(name, nowMs);
    return Math.max(Number.NEGATIVE_INFINITY, ...this.sinceMs.values());
  }
}
