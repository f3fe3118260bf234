import type { Backend } from "../policy/intent/route.ts";
import type { Catalog } from "./catalog.ts";

/**
 * Backends -> clusters with whole weights. A backend that names a service stands for all its versions:
 * weight(version) = backend.weight * share(version) / sum of shares. All weights of a rule are scaled by the same
 * factor, the least common multiple of those sums, so the split is exact; where that factor or a broken share does not
 * fit Envoy's limit, weights are rounded to parts of a million. Weight 0 stays listed: a canary at 0 can be seen.
 */
export interface WeightedCluster {
  readonly name: string;
  readonly weight: number;
}

/** Envoy adds the weights of one route in 32 bits. */
const MAX_TOTAL = 0xffffffff;
const MILLION = 1_000_000;

interface Part {
  readonly name: string;
  /** Weight of the backend, the version's share of it, the sum of the shares. */
  readonly weight: number;
  readonly share: number;
  readonly shares: number;
}

/** Each cluster once, in the order the rule and the service list them. */
export function splitBackends(backends: readonly Backend[], catalog: Catalog): WeightedCluster[] {
  const parts = backends.flatMap((backend) => splitBackend(backend, catalog));
  const isSticky = backends.some(
    ({ service }) => catalog.stickyHeader(catalog.service(service)) !== undefined,
  );
  // A hash is taken modulo the sum of the weights: while that stays, more weight for one version moves nobody away from it.
  if (isSticky) return mergeByName(scaleToMillion(parts));
  const exact = scaleExactly(parts, parts.length > 0 && backends.length > 1);
  return mergeByName(exact ?? scaleToMillion(parts));
}

function splitBackend({ service: name, version, weight }: Backend, catalog: Catalog): Part[] {
  const service = catalog.service(name);
  if (version !== undefined) {
    return [{ name: catalog.cluster(service, version), weight, share: 1, shares: 1 }];
  }
  const shareOf = (version: string): number => service.weights[version] ?? 0;
  const shares = service.versions.reduce((sum, { name }) => sum + shareOf(name), 0);
  return service.versions.map(({ name }) => ({
    name: catalog.cluster(service, name),
    weight,
    share: shareOf(name),
    shares: shares === 0 ? 1 : shares,
  }));
}

/** Undefined: not whole, or above Envoy's limit. */
function scaleExactly(parts: readonly Part[], isMixed: boolean): WeightedCluster[] | undefined {
  if (!parts.every(({ share }) => Number.isInteger(share))) return undefined;
  // One backend alone: its own weight says only whether it is used, and the service's shares read best as written.
  if (!isMixed) {
    const weights = parts.map(({ name, weight, share }) => ({
      name,
      weight: weight > 0 ? share : 0,
    }));
    return total(weights) <= MAX_TOTAL ? weights : undefined;
  }
  const factor = parts.reduce((lcm, { shares }) => (lcm / gcd(lcm, shares)) * shares, 1);
  if (factor > MAX_TOTAL) return undefined;
  const weights = parts.map(({ name, weight, share, shares }) => ({
    name,
    weight: weight * share * (factor / shares),
  }));
  return total(weights) <= MAX_TOTAL ? weights : undefined;
}

function scaleToMillion(parts: readonly Part[]): WeightedCluster[] {
  const real = parts.map(({ name, weight, share, shares }) => ({
    name,
    weight: (weight * share) / shares,
  }));
  const sum = total(real);
  return real.map(({ name, weight }) => ({
    name,
    // What asks for some traffic gets some, however little.
    weight: weight === 0 ? 0 : Math.max(1, Math.round((weight / sum) * MILLION)),
  }));
}

function mergeByName(weights: readonly WeightedCluster[]): WeightedCluster[] {
  const merged = new Map<string, number>();
  for (const { name, weight } of weights) merged.set(name, (merged.get(name) ?? 0) + weight);
  return [...merged].map(([name, weight]) => ({ name, weight }));
}

export function total(weights: readonly { readonly weight: number }[]): number {
  return weights.reduce((sum, { weight }) => sum + weight, 0);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
