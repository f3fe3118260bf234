import assert from "node:assert/strict";
import fc from "fast-check";
import type { Route } from "../../src/policy/intent/route.ts";
import type { RouteMatch } from "../../src/policy/intent/route-match.ts";
import type { PolicySet } from "../../src/policy/policy-set.ts";
import { buildResources } from "../../src/resources/build.ts";
import { arbitraryIntent, HOSTNAMES, PATHS } from "./arbitrary.ts";

/**
 * Two ways to find the rule that holds a request: Envoy's walk over what we built (one virtual host, first route), and
 * Gateway API's text applied to the intent (best listener, then best of all matches that hold). They must agree.
 * A rule is recognised by its timeout, which is made unique.
 */
interface Request {
  readonly host: string;
  readonly path: string;
  readonly method: string;
  readonly headers: readonly string[];
  readonly query: readonly string[];
}

const arbitraryRequest: fc.Arbitrary<Request> = fc.record({
  host: fc.constantFrom(
    "a.example",
    "b.a.example",
    "x.b.a.example",
    "z.example",
    "c.test",
    "d.test",
  ),
  path: fc.constantFrom(...PATHS, "/pay/now/1", "/other"),
  method: fc.constantFrom("GET", "POST"),
  headers: fc.subarray(["x-a", "x-b"]),
  query: fc.subarray(["a", "b"]),
});

function withUniqueTimeouts(set: PolicySet): PolicySet {
  let requestMs = 0;
  const httpRoutes = set.httpRoutes.map((route) => ({
    ...route,
    rules: route.rules.map((rule) => {
      requestMs += 1;
      const backends = rule.backends.map((backend) => ({ ...backend, weight: 1 }));
      return { ...rule, filters: [], backends, timeouts: { requestMs } };
    }),
  }));
  return { ...set, httpRoutes };
}

interface EnvoyMatch {
  readonly prefix?: string;
  readonly path?: string;
  readonly path_separated_prefix?: string;
  readonly headers?: readonly { name: string; string_match: { exact: string } }[];
  readonly query_parameters?: readonly { name: string }[];
}
interface VirtualHost {
  readonly domains: readonly [string];
  readonly routes: readonly { match: EnvoyMatch; route: { timeout: string } }[];
}

function byEnvoy(hosts: readonly VirtualHost[], request: Request): number | undefined {
  const [chosen] = hosts
    .filter(({ domains: [domain] }) => matchesHost(domain, request.host))
    .sort((a, b) => hostKey(b.domains[0]) - hostKey(a.domains[0]));
  const route = chosen?.routes.find(({ match }) => envoyHolds(match, request));
  return route && Math.round(Number.parseFloat(route.route.timeout) * 1000);
}

function envoyHolds(match: EnvoyMatch, request: Request): boolean {
  const { prefix, path, path_separated_prefix: elements } = match;
  const isPath =
    (prefix !== undefined && request.path.startsWith(prefix)) ||
    path === request.path ||
    (elements !== undefined &&
      (request.path === elements || request.path.startsWith(`${elements}/`)));
  const headers = (match.headers ?? []).every(({ name, string_match: { exact } }) =>
    name === ":method" ? exact === request.method : request.headers.includes(name),
  );
  return (
    isPath && headers && (match.query_parameters ?? []).every((q) => request.query.includes(q.name))
  );
}

function matchesHost(pattern: string, host: string): boolean {
  if (!pattern.startsWith("*")) return pattern === host;
  return host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1;
}

function hostKey(pattern: string): number {
  return pattern.startsWith("*") ? pattern.length : 1000;
}

/** Gateway API, in the words of its own fields. */
function byStandard(set: PolicySet, port: number, request: Request): number | undefined {
  const listeners = set.gateways
    .find(({ name }) => name === "edge")!
    .listeners.filter((l) => l.port === port && matchesHost(l.hostname ?? "*", request.host));
  if (listeners.length === 0) return undefined;
  const best = Math.max(...listeners.map(({ hostname }) => hostKey(hostname ?? "*")));
  const names = listeners
    .filter(({ hostname }) => hostKey(hostname ?? "*") === best)
    .map(({ name }) => name);
  const candidates = set.httpRoutes
    .filter((route) => isAttached(route, names))
    .flatMap((route) => candidatesOf(route, best, request));
  candidates.sort((a, b) => compareKeys(a.key, b.key));
  return candidates[0]?.requestMs;
}

function isAttached({ parents }: Route, listeners: readonly string[]): boolean {
  return parents.some(
    ({ gateway, sectionName: section }) =>
      gateway === "edge" && (section === undefined || listeners.includes(section)),
  );
}

function candidatesOf(route: Route, listenerKey: number, request: Request) {
  const hostnames = route.hostnames.length === 0 ? ["*"] : route.hostnames;
  const keys = hostnames.filter((name) => matchesHost(name, request.host)).map(hostKey);
  if (keys.length === 0) return [];
  // A route's wider hostname is cut to that of the listener it hangs on.
  const host = Math.max(listenerKey, ...keys);
  return route.rules.flatMap(({ matches, timeouts }, place) =>
    matches
      .filter((match) => standardHolds(match, request))
      .map((match) => ({
        requestMs: timeouts.requestMs,
        key: [-host, ...matchKey(match), route.name, place],
      })),
  );
}

function matchKey({ path, method, headers, queryParams }: RouteMatch): number[] {
  const type = path.type === "Exact" ? 0 : 1;
  return [
    type,
    -elements(path.value).join("/").length,
    method === undefined ? 1 : 0,
    -headers.length,
    -queryParams.length,
  ];
}

function elements(path: string): string[] {
  return path.split("/").filter((element) => element !== "");
}

function standardHolds(
  { path, method, headers, queryParams }: RouteMatch,
  request: Request,
): boolean {
  const isPath =
    path.type === "Exact"
      ? path.value === request.path
      : elements(path.value).every((element, i) => elements(request.path)[i] === element);
  return (
    isPath &&
    (method === undefined || method === request.method) &&
    headers.every(({ name }) => request.headers.includes(name.toLowerCase())) &&
    queryParams.every(({ name }) => request.query.includes(name))
  );
}

function compareKeys(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (const [i, value] of a.entries()) {
    if (value !== b[i]) return value < b[i]! ? -1 : 1;
  }
  return 0;
}

describe("route configuration", () => {
  it(`sends every request where Gateway API says, over ${HOSTNAMES.length} hostnames`, () => {
    const intents = arbitraryIntent().filter(({ gateways }) =>
      gateways.some(({ name }) => name === "edge"),
    );
    let held = 0;
    fc.assert(
      fc.property(
        intents,
        fc.array(arbitraryRequest, { minLength: 20, maxLength: 20 }),
        (any, requests) => {
          const set = withUniqueTimeouts(any);
          const resources = buildResources(
            set,
            { role: "gateway", name: "edge" },
            { filterWasm: "/f" },
          );
          for (const { typeUrl, name, body } of resources) {
            if (!typeUrl.endsWith("RouteConfiguration")) continue;
            const hosts = body.virtual_hosts as unknown as VirtualHost[];
            for (const request of requests) {
              const expected = byStandard(set, Number(name.slice("edge_".length)), request);
              if (expected !== undefined) held += 1;
              assert.equal(byEnvoy(hosts, request), expected, JSON.stringify(request));
            }
          }
        },
      ),
      { numRuns: 1000 },
    );
    assert.ok(held > 500, `only ${held} requests met a rule`);
  });
});
