import type { Denial, Fault } from "../decide/act/effective.ts";
import { allRoutes } from "../policy/all-routes.ts";
import type { RateLimit } from "../policy/intent/rate-limit.ts";
import type { Rollout } from "../policy/intent/rollout.ts";
import type { Service } from "../policy/intent/service.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import { clusterName } from "./names.ts";

/** By decisions; absent: nothing. */
interface LaidOver {
  readonly faults?: readonly Fault[];
  readonly denials?: readonly Denial[];
}

/**
 * Services by name, and the limits of their requests. The intent was checked before it got here, so a name that leads nowhere is a bug of ours: it throws
 * rather than reach an Envoy, which would answer 503 for it.
 */
export class Catalog {
  readonly rateLimits: readonly RateLimit[];
  readonly faults: readonly Fault[];
  /** Denied to somebody, where others are not. */
  readonly deniedServices: ReadonlySet<string>;
  private readonly services: ReadonlyMap<string, Service>;
  private readonly rollouts: readonly Rollout[];

  constructor(policySet: PolicySet, { faults = [], denials = [] }: LaidOver = {}) {
    this.faults = faults;
    this.deniedServices = new Set(denials.flatMap(({ move }) => move.service ?? []));
    checkParents(policySet);
    checkTargets(policySet);
    this.rateLimits = policySet.rateLimits;
    this.rollouts = policySet.rollouts;
    this.services = new Map(policySet.services.map((service) => [service.name, service]));
  }

  service(name: string): Service {
    const service = this.services.get(name);
    if (service === undefined) throw new Error(`invariant: no service ${name}`);
    return service;
  }

  /** Header by which requests to a service stay with one version while it is rolled out. */
  stickyHeader({ name }: Service): string | undefined {
    return this.rollouts.find(({ service }) => service === name)?.stickyHeader;
  }

  /** Cluster of one version. */
  cluster(service: Service, version: string): string {
    if (!service.versions.some(({ name }) => name === version)) {
      throw new Error(`invariant: service ${service.name} has no version ${version}`);
    }
    return clusterName(service.name, version);
  }
}

function checkParents(policySet: PolicySet): void {
  const { gateways, services } = policySet;
  for (const { name, parents, meshParents } of allRoutes(policySet)) {
    const absent = meshParents.find((parent) => !services.some((each) => each.name === parent));
    if (absent !== undefined) throw new Error(`invariant: no service ${absent} for ${name}`);
    for (const { gateway, sectionName } of parents) {
      const listeners = gateways.find((candidate) => candidate.name === gateway)?.listeners;
      if (listeners === undefined) throw new Error(`invariant: no gateway ${gateway} for ${name}`);
      if (sectionName !== undefined && !listeners.some((l) => l.name === sectionName)) {
        throw new Error(`invariant: gateway ${gateway} has no listener ${sectionName} for ${name}`);
      }
    }
  }
}

function checkTargets(policySet: PolicySet): void {
  const { gateways, services, sheddings, rateLimits } = policySet;
  const kinds = { gateway: gateways, route: allRoutes(policySet), service: services };
  for (const { name, target } of [...sheddings, ...rateLimits]) {
    if (!kinds[target.kind].some((candidate) => candidate.name === target.name)) {
      throw new Error(
        `invariant: ${name} is for ${target.kind} ${target.name}, which is not there`,
      );
    }
  }
}
