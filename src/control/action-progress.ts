import type { ActionInForce } from "../decide/act/action.ts";
import { isIn } from "../decide/act/node-share.ts";
import { digestOf } from "../policy/digest.ts";

/**
 * How far each action has come on each Envoy that it is for:
 * - `intent`: decided and stored, not sent;
 * - `pushed`: sent in the version that is published, unanswered;
 * - `acked`: the Envoy says that it holds that version;
 * - `observed`: and has reported counts since, so it serves with it;
 * - `refused`: it said no, and keeps what it had.
 * Looked at every second while an action spreads, and every ten for as long as it is in force: an Envoy that comes later, or
 * comes back with less, is found. One refusal makes it partial, which is told once.
 */
export type NodeState = "intent" | "pushed" | "acked" | "observed" | "refused";

export interface NodeProgress {
  readonly nodeId: string;
  readonly state: NodeState;
  /** Envoy's words; only where it refused. */
  readonly message?: string;
}

export interface ActionProgress {
  readonly action: ActionInForce;
  readonly outcome: "applying" | "applied" | "partial";
  /** By id. */
  readonly nodes: readonly NodeProgress[];
}

export interface TrackedNode {
  readonly nodeId: string;
  readonly key: string;
  readonly isConnected: boolean;
  readonly types: readonly {
    readonly typeUrl: string;
    readonly sent?: string | undefined;
    readonly acked?: string | undefined;
    readonly rejections: readonly {
      readonly name: string;
      readonly version: string;
      readonly message: string;
    }[];
  }[];
}

export interface TrackerOptions {
  /** Version of a type in the snapshot of a key; undefined: there is none. */
  readonly published: (key: string, typeUrl: string) => string | undefined;
  /** Second in which the node last reported counts; undefined: never. */
  readonly heardTick: (nodeId: string) => number | undefined;
}

export interface RefusedAction {
  readonly action: ActionInForce;
  /** One sentence. */
  readonly why: string;
}

const RECONCILE_SECONDS = 10;
/** Of actions that are over. */
const MOST_REMEMBERED = 100;

interface Entry {
  readonly key: string;
  progress: ActionProgress;
  /** Refused before the action: none of its doing. */
  readonly known: ReadonlySet<string>;
  readonly ackedTick: Map<string, number>;
  lookedTick: number;
  isTold: boolean;
}

export class ActionTracker {
  readonly #entries = new Map<string, Entry>();

  constructor(private readonly options: TrackerOptions) {}

  /** In force, or one of the last that were. */
  of(id: string): ActionProgress | undefined {
    return this.#entries.get(id)?.progress;
  }

  /** Once a second, after what is in force was published. Those that have turned out to be refused. */
  look(
    actions: readonly ActionInForce[],
    nodes: readonly TrackedNode[],
    tick: number,
  ): readonly RefusedAction[] {
    const refused = actions.flatMap((action) => this.#lookAt(action, nodes, tick) ?? []);
    const inForce = new Set(actions.map(({ id }) => id));
    const over = [...this.#entries.keys()].filter((id) => !inForce.has(id));
    for (const id of over.slice(0, Math.max(0, over.length - MOST_REMEMBERED))) {
      this.#entries.delete(id);
    }
    return refused;
  }

  #lookAt(
    action: ActionInForce,
    nodes: readonly TrackedNode[],
    tick: number,
  ): RefusedAction | undefined {
    const entry = this.#entryOf(action, nodes, tick);
    const isDone = entry.progress.outcome !== "applying";
    if (isDone && tick - entry.lookedTick < RECONCILE_SECONDS) return undefined;
    entry.lookedTick = tick;
    const meant = nodes.filter((node) => this.#isMeant(action, node));
    const states = meant
      .map((node) => this.#stateOf(entry, node, tick))
      .sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
    entry.progress = { action, nodes: states, outcome: outcomeOf(states) };
    if (entry.progress.outcome !== "partial" || entry.isTold) return undefined;
    entry.isTold = true;
    const refusing = states.filter(({ state }) => state === "refused");
    const [first] = refusing;
    const why = `${refusing.length} of ${states.length} Envoys refuse it, ${first?.nodeId}: ${first?.message}`;
    return { action, why };
  }

  /** An action that reaches further than before spreads anew. */
  #entryOf(action: ActionInForce, nodes: readonly TrackedNode[], tick: number): Entry {
    const key = digestOf([action.move, action.isShadow, action.nodes ?? null]);
    const found = this.#entries.get(action.id);
    if (found?.key === key) return found;
    const known = new Set(nodes.flatMap((node) => rejectionsOf(node).map((each) => each.key)));
    const entry: Entry = {
      key,
      progress: { action, nodes: [], outcome: "applying" },
      known: found?.known ?? known,
      ackedTick: new Map(),
      lookedTick: tick,
      isTold: false,
    };
    this.#entries.delete(action.id);
    this.#entries.set(action.id, entry);
    return entry;
  }

  #isMeant({ nodes }: ActionInForce, node: TrackedNode): boolean {
    return node.isConnected && (nodes === undefined || isIn(nodes, node.nodeId));
  }

  #stateOf(entry: Entry, node: TrackedNode, tick: number): NodeProgress {
    const { nodeId, key, types } = node;
    const rejection = rejectionsOf(node).find((each) => !entry.known.has(each.key));
    if (rejection !== undefined) return { nodeId, state: "refused", message: rejection.text };
    const states = types.map(({ typeUrl, sent, acked }) => {
      const wanted = this.options.published(key, typeUrl);
      if (wanted === undefined || acked === wanted) return "acked";
      return sent === wanted ? "pushed" : "intent";
    });
    if (states.includes("intent") || states.length === 0) return { nodeId, state: "intent" };
    if (states.includes("pushed")) return { nodeId, state: "pushed" };
    const ackedTick = entry.ackedTick.get(nodeId) ?? tick;
    entry.ackedTick.set(nodeId, ackedTick);
    const heard = this.options.heardTick(nodeId);
    return { nodeId, state: heard !== undefined && heard > ackedTick ? "observed" : "acked" };
  }
}

function rejectionsOf({ nodeId, types }: TrackedNode) {
  return types.flatMap(({ typeUrl, rejections }) =>
    rejections.map(({ name, version, message }) => ({
      key: JSON.stringify([nodeId, typeUrl, name, version]),
      text: `${name}: ${message}`,
    })),
  );
}

function outcomeOf(nodes: readonly NodeProgress[]): ActionProgress["outcome"] {
  if (nodes.some(({ state }) => state === "refused")) return "partial";
  const isApplied = nodes.length > 0 && nodes.every(({ state }) => state === "observed");
  return isApplied ? "applied" : "applying";
}
