import { createHash } from "node:crypto";
import { EXTENSION_CONFIG_TYPE, messageName, RUNTIME_TYPE } from "../proto/type-url.ts";
import type { NodeStatus } from "./node-status.ts";
import { assembleSnapshot, type Snapshot, typeSnapshotOf } from "./snapshot.ts";

/**
 * A change that some nodes of a key, its canaries, get before the others. The law, looked at again and again:
 * - a canary refuses something of it, or somebody outside says so: held, and the others keep what they had;
 * - not every canary holds all of it `lagMs` after it was published: held;
 * - all have held it for `holdMs`, and nobody outside has a word against it: the others get it too.
 * A held change stays so until the owner publishes again. What only moves runtime layers and extension configs goes to
 * everybody at once, and while a change is tried the others get that part of it.
 */
export interface CanaryOptions {
  /** Of the connected nodes of a key, (0, 1), rounded up; never all of them. */
  readonly share: number;
  /** How long every canary must have held a change. */
  readonly holdMs: number;
  /** A change that some canary does not hold by then is held. */
  readonly lagMs: number;
  /** A word from outside, for instance on failed requests; asked at every look. A `hold` counts at once, "yes" in the end. */
  readonly mayGoOn?: (trial: CanaryTrial) => Verdict;
}

export type Verdict = "yes" | "wait" | { readonly hold: string };

export interface CanaryTrial {
  readonly key: string;
  /** Node ids. */
  readonly canaries: ReadonlySet<string>;
  /** Connected nodes of the key when it began. */
  readonly of: number;
  /** Logical time. */
  readonly sinceMs: number;
  /** Why it is held; absent while it is tried. */
  readonly held?: string;
}

interface Trial extends CanaryTrial {
  /** What the others have meanwhile. */
  readonly base: Snapshot;
  readonly wanted: Snapshot;
  readonly holdingSinceMs: number | undefined;
}

export type { Trial };

/** Undefined if there are too few nodes to tell some from others. */
export function beginTrial(given: {
  readonly key: string;
  readonly base: Snapshot;
  readonly wanted: Snapshot;
  readonly nodes: readonly NodeStatus[];
  readonly share: number;
  readonly nowMs: number;
}): Trial | undefined {
  const { key, base, wanted, nodes, share, nowMs } = given;
  // Who refuses something by now has a trouble of its own, and would say nothing of the change.
  const fit = nodes.filter(({ types }) => types.every(({ state }) => state !== "REJECTED"));
  const count = Math.min(Math.ceil(nodes.length * share), fit.length);
  if (count === 0 || count >= nodes.length) return undefined;
  const ids = fit.map(({ nodeId }) => nodeId).sort(byHash);
  const canaries = new Set(ids.slice(0, count));
  return {
    key,
    base,
    wanted,
    canaries,
    of: nodes.length,
    sinceMs: nowMs,
    holdingSinceMs: undefined,
  };
}

/** The same trial of a newer change of which the others get the urgent part. */
export function retarget(trial: Trial, wanted: Snapshot): Trial {
  return { ...trial, wanted, base: withUrgentPart(trial.base, wanted), holdingSinceMs: undefined };
}

/** One look. "passed": the others may have it. */
export function look(
  trial: Trial,
  nodes: readonly (NodeStatus | undefined)[],
  nowMs: number,
  { holdMs, lagMs, mayGoOn }: Pick<CanaryOptions, "holdMs" | "lagMs" | "mayGoOn">,
): Trial | "passed" {
  const refusal = refusalIn(nodes, trial.sinceMs);
  const said = mayGoOn?.(trial) ?? "yes";
  if (refusal !== undefined) return { ...trial, held: refusal };
  if (typeof said === "object") return { ...trial, held: said.hold };
  const behind = [...trial.canaries].filter((_, index) => !holds(nodes[index], trial.wanted));
  if (behind.length > 0) {
    const held = `${behind.join(", ")} ${behind.length === 1 ? "does" : "do"} not hold it after ${lagMs / 1000} s`;
    const isLate = nowMs - trial.sinceMs >= lagMs;
    return { ...trial, holdingSinceMs: undefined, ...(isLate && { held }) };
  }
  const holdingSinceMs = trial.holdingSinceMs ?? nowMs;
  const isOver = nowMs - holdingSinceMs >= holdMs && said === "yes";
  return isOver ? "passed" : { ...trial, holdingSinceMs };
}

function refusalIn(
  nodes: readonly (NodeStatus | undefined)[],
  sinceMs: number,
): string | undefined {
  for (const node of nodes) {
    for (const { typeUrl, rejections } of node?.types ?? []) {
      const fresh = rejections.find((each) => each.sinceMs >= sinceMs);
      if (fresh === undefined || node === undefined) continue;
      return `${node.nodeId} refuses ${messageName(typeUrl)} ${fresh.name}: ${fresh.message}`;
    }
  }
  return undefined;
}

function holds(node: NodeStatus | undefined, wanted: Snapshot): boolean {
  if (node === undefined || !node.isConnected || node.types.length === 0) return false;
  return node.types.every(
    ({ typeUrl, acked }) => acked === typeSnapshotOf(wanted, typeUrl).version,
  );
}

const URGENT = [RUNTIME_TYPE, EXTENSION_CONFIG_TYPE];

/** Beside what is there: a listener that stays needs the extension configs it always had. */
function withUrgentPart(base: Snapshot, wanted: Snapshot): Snapshot {
  const types = new Map(base.types);
  for (const typeUrl of URGENT) {
    const [before, after] = [typeSnapshotOf(base, typeUrl), typeSnapshotOf(wanted, typeUrl)];
    const resources = new Map([...before.resources, ...after.resources]);
    if (resources.size === 0) continue;
    types.set(typeUrl, typeSnapshotOf(assembleSnapshot(resources.values()), typeUrl));
  }
  return { types };
}

/** Spreads what tells of place or age in a name. */
function byHash(a: string, b: string): number {
  const [one, other] = [a, b].map((id) => createHash("sha256").update(id).digest("hex"));
  return (one ?? "") < (other ?? "") ? -1 : 1;
}
