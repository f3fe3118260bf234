import { isDeepStrictEqual } from "node:util";
import type { ActionInForce } from "../decide/act/action.ts";
import { layOver } from "../decide/act/effective.ts";
import type { SampledService } from "../evidence/access-counts.ts";
import type { EvidenceSnapshot } from "../evidence/snapshot.ts";
import type { Locality } from "../policy/intent/endpoint.ts";
import { type NodeRole, roleKey, rolesOf } from "../policy/node-role.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import type { Spread } from "../xds/canaries.ts";
import { armsOf, routeArmsOf } from "./arms.ts";
import { changedClusters } from "./changed-clusters.ts";
import { Editions, type EditionsOptions } from "./editions.ts";
import { type LaidIntent, layIntent } from "./laid-intent.ts";
import type { RefusedVersion } from "./origins.ts";

/**
 * What Envoys are given: intent with the actions in force laid over it, published by role, place and cohort, and what its
 * clusters and routes are about. A method that throws leaves what was published.
 */
export interface LaidMeshOptions extends EditionsOptions {
  readonly evidence: () => EvidenceSnapshot;
  /** Services whose clusters are about to be sent anew: Envoy may start some of their counters again. */
  readonly onClustersChanged?: (services: readonly string[]) => void;
}

/** How a publishing goes on; `mayShrink`: it may take more than half of something from the Envoys of a role. */
interface How {
  readonly spread?: Spread;
  readonly mayShrink: boolean;
}

export class LaidMesh {
  #laid: LaidIntent | undefined;
  /** With every action, wherever it holds: clusters that differ somewhere. */
  #widest: PolicySet | undefined;
  #arms: ReadonlyMap<string, SampledService> = new Map();
  #routeArms: ReadonlyMap<string, SampledService> = new Map();
  readonly #editions: Editions;

  constructor(private readonly options: LaidMeshOptions) {
    this.#editions = new Editions(options);
  }

  /** The set with all actions laid over it that hold everywhere. */
  get effective(): PolicySet | undefined {
    return this.#laid?.effective.policySet;
  }

  /** What tells the requests of a cluster apart. */
  sampledService(cluster: string): SampledService | undefined {
    return this.#arms.get(cluster);
  }

  /** The one service a route leads to; undefined if there are several. */
  serviceOfRoute(route: string): SampledService | undefined {
    return this.#routeArms.get(route);
  }

  /** What would go if this were laid, a sentence each. */
  shrinksOf(policySet: PolicySet, actions: readonly ActionInForce[]): readonly string[] {
    return this.#editions.shrinksOf(layIntent(policySet, actions));
  }

  /** `Kind/name` of what a version that Envoy refused was made of. */
  documentsOf(refused: RefusedVersion): readonly string[] {
    return this.#editions.documentsOf(refused);
  }

  /** True if Envoys were given anything new. */
  lay(policySet: PolicySet, actions: readonly ActionInForce[], how: How): boolean {
    const before = this.#laid;
    // The same over the same makes the same: a large intent is not digested anew each second.
    if (before?.policySet === policySet && isDeepStrictEqual(before.actions, actions)) return false;
    const laid = layIntent(policySet, actions);
    if (laid.digest === before?.digest) return false;
    const widest = layOver(policySet, actions).policySet;
    const changed = changedClusters(this.#widest, widest);
    if (changed.length > 0) this.options.onClustersChanged?.(changed);
    this.#publish(laid, rolesOf(policySet).map(roleKey), how);
    this.#laid = laid;
    this.#widest = widest;
    this.#arms = armsOf(policySet);
    this.#routeArms = routeArmsOf(policySet);
    this.#editions.regroup(laid.partial);
    return true;
  }

  /** Everything again, with the certificates of now. */
  renew(how: How): void {
    const laid = this.#laid;
    if (laid !== undefined) this.#publish(laid, rolesOf(laid.policySet).map(roleKey), how);
  }

  /** Those of the roles whose Envoys have learned enough that is new; `isAwaited`: one of them waits for it. */
  refresh(roles: readonly NodeRole[], how: How & { readonly isAwaited: boolean }): void {
    const laid = this.#laid;
    if (laid === undefined) return;
    const { capacity } = this.options;
    const evidence = this.options.evidence();
    capacity.learn(laid.effective.policySet, evidence);
    const isDue = { nowMs: evidence.nowMs, isAwaited: how.isAwaited };
    const due = roles.map(roleKey).filter((key) => capacity.isDue(key, isDue));
    this.#publish(laid, due, how);
  }

  /** Where an Envoy of this role (`gateway/edge`) belongs by where it says it is; undefined: nothing was laid for the role. */
  placeOf(role: string, locality: Locality): Place | undefined {
    const laid = this.#laid;
    const isKnown = laid && rolesOf(laid.policySet).some((each) => roleKey(each) === role);
    return isKnown ? { laid, role, ...this.#editions.seatOf(role, locality) } : undefined;
  }

  /** Key of the snapshot for an Envoy at a place; there is one from now on. */
  keyAt({ laid, role, seat, isNew }: Place, nodeId: string, how: How): string {
    if (isNew) this.#publish(laid, [role], how);
    return this.#editions.keyOf(laid, seat, nodeId, how.mayShrink);
  }

  #publish(laid: LaidIntent, roles: readonly string[], how: How): void {
    const { spread = "as before" } = how;
    // Going back may take what the bad change brought.
    const mayShrink = spread === "all" || how.mayShrink;
    this.#editions.publish(laid, roles, { spread, mayShrink });
    this.options.capacity.markPushed(roles, this.options.evidence().nowMs);
  }
}

interface Place {
  readonly laid: LaidIntent;
  readonly role: string;
  readonly seat: string;
  /** Nobody was there before. */
  readonly isNew: boolean;
}
