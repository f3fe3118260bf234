import type { LocalityShift } from "../../policy/intent/locality-shift.ts";
import type { Route } from "../../policy/intent/route.ts";
import type { Service } from "../../policy/intent/service.ts";
import type { Shedding } from "../../policy/intent/shedding.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import type { ActionInForce, MeshMove } from "./action.ts";
import { markOf } from "./mark.ts";
import { limitRate } from "./rate-limit.ts";

/**
 * The intent with all actions in force laid over it: what Envoys are given. Pure. Actions on one knob are joined so that
 * neither their order nor that of their files matters, each towards its safe side: limits, rates, timeouts and budgets
 * to the least, shares of a version to the least before they are made whole again, denials to all of them. A move whose
 * document has left the intent does nothing.
 */
export interface EffectiveIntent {
  readonly policySet: PolicySet;
  readonly denials: readonly Denial[];
  readonly faults: readonly Fault[];
}

export interface Denial {
  /** Of the action. */
  readonly id: string;
  readonly move: MovesOf<"deny">;
  /** Counted by Envoy, nobody is refused. */
  readonly isShadow: boolean;
}

export type Fault = MovesOf<"fault">;

export type MovesOf<Kind extends MeshMove["kind"]> = Extract<MeshMove, { kind: Kind }>;

export function layOver(policySet: PolicySet, actions: readonly ActionInForce[]): EffectiveIntent {
  const sorted = [...actions].sort((a, b) => (a.id < b.id ? -1 : 1));
  const moves = sorted.filter(({ isShadow }) => !isShadow).map(({ move }) => move);
  const of = <Kind extends MeshMove["kind"]>(kind: Kind): MovesOf<Kind>[] =>
    moves.filter((move): move is MovesOf<Kind> => move.kind === kind);
  const about = <Move extends { readonly service?: string }>(list: readonly Move[], name: string) =>
    list.filter(({ service }) => service === name);
  return {
    policySet: {
      ...policySet,
      services: policySet.services.map((service) =>
        [
          (each: Service) => weigh(each, about(of("weights"), each.name)),
          (each: Service) => shift(each, about(of("shift"), each.name)),
          (each: Service) => eject(each, about(of("outlier"), each.name)),
          (each: Service) => breakCircuit(each, about(of("circuitBreaker"), each.name)),
          (each: Service) => timeOut(each, about(of("timeout"), each.name)),
          (each: Service) => budgetRetries(each, about(of("retries"), each.name)),
          (each: Service) => ({ ...each, ...markOf(sorted, (move) => isAbout(move, each.name)) }),
        ].reduce((each, lay) => lay(each), service),
      ),
      sheddings: policySet.sheddings.map((each) => tighten(each, of("shed"))),
      rateLimits: policySet.rateLimits.map((each) => ({
        ...limitRate(each, of("rateLimit"), policySet.sheddings),
        ...markOf(sorted, (move) => move.kind === "rateLimit" && move.name === each.name),
      })),
      httpRoutes: policySet.httpRoutes.map((each) => mirror(each, of("mirror"))),
      grpcRoutes: policySet.grpcRoutes.map((each) => mirror(each, of("mirror"))),
    },
    denials: sorted.flatMap(({ id, move, isShadow }) =>
      move.kind === "deny" ? [{ id, move, isShadow }] : [],
    ),
    faults: of("fault"),
  };
}

/** What a Shedding is about is its own. */
function isAbout(move: MeshMove, service: string): boolean {
  return "service" in move && move.service === service;
}

/** The least share each version is allowed; with none left, the written weights: nobody is cut off by a join. */
function weigh(service: Service, moves: readonly MovesOf<"weights">[]): Service {
  if (moves.length === 0) return service;
  const shares = moves.map(({ weights }) => toShares(weights));
  const joined = service.versions.map(({ name }): [string, number] => [
    name,
    Math.min(...shares.map((share) => share[name] ?? 0)),
  ]);
  if (joined.every(([, share]) => share === 0)) return service;
  const only = moves.length === 1 ? moves[0]?.weights : undefined;
  const weights =
    only === undefined
      ? joined.map(([name, share]): [string, number] => [name, Math.round(share * 10_000)])
      : service.versions.map(({ name }): [string, number] => [name, only[name] ?? 0]);
  return { ...service, weights: Object.fromEntries(weights) };
}

function toShares(weights: Readonly<Record<string, number>>): Record<string, number> {
  const sum = Object.values(weights).reduce((total, weight) => total + weight, 0);
  return Object.fromEntries(
    Object.entries(weights).map(([name, weight]) => [name, sum === 0 ? 0 : weight / sum]),
  );
}

/** Two that move one place: the farther one holds. */
function shift(service: Service, moves: readonly MovesOf<"shift">[]): Service {
  const farthest = new Map<string, LocalityShift>();
  for (const { from, now } of moves) {
    if (now !== undefined && now.ratio > (farthest.get(from)?.ratio ?? 0)) {
      farthest.set(from, { from, ...now });
    }
  }
  if (farthest.size === 0) return service;
  const shifts = [...farthest.values()].sort((a, b) => (a.from < b.from ? -1 : 1));
  return { ...service, shifts };
}

function eject(service: Service, moves: readonly MovesOf<"outlier">[]): Service {
  if (moves.length === 0) return service;
  const { outlier = {} } = service;
  return {
    ...service,
    outlier: {
      ...outlier,
      ...least("consecutive5xx", [outlier, ...moves]),
      ...least("maxEjectedRatio", [outlier, ...moves]),
      ...most("baseEjectionMs", [
        outlier.baseEjectionMs,
        ...moves.map(({ baseEjectionSeconds: s }) => s && s * 1000),
      ]),
    },
  };
}

function breakCircuit(service: Service, moves: readonly MovesOf<"circuitBreaker">[]): Service {
  if (moves.length === 0) return service;
  const all = [service.circuitBreaker ?? {}, ...moves];
  return {
    ...service,
    circuitBreaker: {
      ...least("maxConnections", all),
      ...least("maxPending", all),
      ...least("maxRequests", all),
    },
  };
}

function timeOut(service: Service, moves: readonly MovesOf<"timeout">[]): Service {
  if (moves.length === 0) return service;
  const written = service.timeoutMs === 0 ? [] : [service];
  return { ...service, ...least("timeoutMs", [...written, ...moves]) };
}

function budgetRetries(service: Service, moves: readonly MovesOf<"retries">[]): Service {
  const { retries } = service;
  if (moves.length === 0 || retries === undefined) return service;
  return { ...service, retries: { ...retries, ...least("budgetRatio", [retries, ...moves]) } };
}

function tighten(shedding: Shedding, moves: readonly MovesOf<"shed">[]): Shedding {
  const { limit, name } = shedding;
  const max = Math.min(
    limit.max,
    ...moves.filter((move) => move.shedding === name).map((move) => move.max ?? limit.max),
  );
  if (max === limit.max) return shedding;
  const bounds = {
    min: Math.min(limit.min, max),
    max,
    initial: Math.min(limit.initial, max),
  };
  return { ...shedding, limit: bounds };
}

function mirror(route: Route, moves: readonly MovesOf<"mirror">[]): Route {
  if (moves.length === 0) return route;
  const rules = route.rules.map((rule) => {
    const to = moves.filter(({ service }) =>
      rule.backends.some((backend) => backend.service === service),
    );
    const filters = to.map((move) => ({
      kind: "mirror" as const,
      backend: { service: move.to, weight: 1 },
      fraction: { numerator: Math.round(move.ratio * 10_000), denominator: 10_000 },
    }));
    return { ...rule, filters: [...rule.filters, ...filters] };
  });
  return { ...route, rules };
}

/** The least value of a field among those that have it, as an object to spread; nothing if none has. */
function least<Key extends string>(
  key: Key,
  of: readonly { readonly [K in Key]?: number }[],
): { [K in Key]?: number } {
  const values = of.map((each) => each[key]).filter((value) => value !== undefined);
  return values.length === 0 ? {} : ({ [key]: Math.min(...values) } as { [K in Key]?: number });
}

function most<Key extends string>(
  key: Key,
  values: readonly (number | undefined)[],
): { [K in Key]?: number } {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? {} : ({ [key]: Math.max(...known) } as { [K in Key]?: number });
}
