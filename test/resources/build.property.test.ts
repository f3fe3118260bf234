import assert from "node:assert/strict";
import fc from "fast-check";
import { sheddingsOf } from "../../src/decide/scopes.ts";
import { rolesOf } from "../../src/policy/node-role.ts";
import type { PolicySet } from "../../src/policy/policy-set.ts";
import { encodeJson } from "../../src/proto/encode-json.ts";
import { buildResources } from "../../src/resources/build.ts";
import { scopesOf } from "../../src/resources/held-scope.ts";
import type { EnvoyResource } from "../../src/resources/resource.ts";
import { arbitraryIntent } from "./arbitrary.ts";

const OPTIONS = { filterWasm: "/opt/qmesh/filter.wasm" };
const RUNS = { numRuns: 400 };

function buildAll(set: PolicySet): EnvoyResource[][] {
  return rolesOf(set).map((role) => buildResources(set, role, OPTIONS));
}

function namesOf(resources: readonly EnvoyResource[], type: string): string[] {
  return resources.filter(({ typeUrl }) => typeUrl.endsWith(`.${type}`)).map(({ name }) => name);
}

/** Every string that stands under `key`, by text: knows nothing of how resources are built. */
function textUnder(key: string, resources: readonly EnvoyResource[]): string[] {
  const text = JSON.stringify(resources.map(({ body }) => body));
  return [...text.matchAll(new RegExp(`"${key}":"([^"]*)"`, "g"))].map(([, name]) => name!);
}

describe("buildResources for any intent", () => {
  it("encodes without an error", function () {
    this.timeout(90_000);
    fc.assert(
      fc.property(arbitraryIntent(), (set) => {
        for (const { typeUrl, body } of buildAll(set).flat()) encodeJson(typeUrl, body);
      }),
      RUNS,
    );
  });

  it("names only what is there: clusters, assignments, route configurations, the filter", () => {
    fc.assert(
      fc.property(arbitraryIntent(), (set) => {
        for (const resources of buildAll(set)) {
          const clusters = namesOf(resources, "Cluster");
          const routes = resources.filter(({ typeUrl }) => typeUrl.endsWith("RouteConfiguration"));
          const splits = JSON.stringify(routes).matchAll(/"name":"([^"]*)","weight"/g);
          const targets = [
            ...textUnder("cluster", routes),
            ...[...splits].map(([, name]) => name!),
          ];

          assert.deepEqual(
            targets.filter((name) => !clusters.includes(name)),
            [],
          );
          // Of a local cluster, which is the bootstrap's, the assignment alone.
          const assigned = namesOf(resources, "ClusterLoadAssignment");
          assert.deepEqual(
            assigned.filter((name) => !name.endsWith("_local")),
            clusters,
          );
          assert.deepEqual(namesOf(resources, "RouteConfiguration"), [
            ...new Set(textUnder("route_config_name", resources)),
          ]);
          assert.deepEqual(namesOf(resources, "TypedExtensionConfig").sort(), [
            "qmesh.denials",
            "qmesh.identities",
            "qmesh.shedding",
            "qmesh_local_limit",
            "qmesh_local_limit_shadow",
          ]);
        }
      }),
      RUNS,
    );
  });

  it("does not depend on the order of gateways, listeners, routes, services, Sheddings and RateLimits", () => {
    fc.assert(
      fc.property(arbitraryIntent(), (set) => {
        const reversed = {
          ...set,
          gateways: set.gateways
            .map((gateway) => ({ ...gateway, listeners: gateway.listeners.toReversed() }))
            .toReversed(),
          httpRoutes: set.httpRoutes.toReversed(),
          services: set.services.toReversed(),
          sheddings: set.sheddings.toReversed(),
          rateLimits: set.rateLimits.toReversed(),
        };

        for (const role of rolesOf(set)) {
          const [forth, back] = [set, reversed].map((each) => buildResources(each, role, OPTIONS));
          assert.deepEqual(back, forth);
        }
      }),
      RUNS,
    );
  });

  it("gives each route weights that add up to 1 at least and to 32 bits at most", () => {
    fc.assert(
      fc.property(arbitraryIntent(), (set) => {
        const splits = JSON.stringify(buildAll(set)).matchAll(/"clusters":(\[\{"name"[^\]]*\])/g);
        for (const [, json] of splits) {
          const clusters = JSON.parse(json!) as { weight: number }[];
          const sum = clusters.reduce((total, { weight }) => total + weight, 0);
          assert.ok(sum >= 1 && sum <= 4_294_967_295, json);
        }
      }),
      RUNS,
    );
  });

  it("finds limits at a sidecar for exactly the Sheddings that the engine decides for", () => {
    fc.assert(
      fc.property(arbitraryIntent(), (set) => {
        for (const role of rolesOf(set).filter((each) => each.role === "sidecar")) {
          const held = scopesOf(set, role)
            .filter((scope) => scope.role === "limiting")
            .map(({ shedding }) => shedding);
          const decided = sheddingsOf(set, role);

          assert.deepEqual(new Set(held.filter(({ mode }) => mode !== "off")), new Set(decided));
        }
      }),
      RUNS,
    );
  });
});
