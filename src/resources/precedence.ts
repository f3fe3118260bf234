import { compareMatches, type RankedMatch } from "../policy/precedence.ts";
import { compareHosts } from "./hostname.ts";

/** A match of a rule on one of its route's hostnames. */
export interface HostedMatch extends RankedMatch {
  readonly host: string;
}

/** Negative: `a` is tried first. Gateway API: the more specific hostname before anything else. */
export function compareHostedMatches(a: HostedMatch, b: HostedMatch): number {
  return compareHosts(a.host, b.host) || compareMatches(a, b);
}
