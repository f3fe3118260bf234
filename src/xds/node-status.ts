import type { XdsNode } from "./node.ts";
import type { Rejection } from "./refusals.ts";
import type { TypeReport } from "./type-state.ts";

/**
 * What every node has been told and what it made of it, per type, so that an operator and the control loop see the same
 * truth. A node may have several streams (one per type, or an old one that is still dying): for each type the newest
 * stream that asked for it is believed. A node that left keeps its last status until it is forgotten.
 */
export type SyncState = "SYNCED" | "STALE" | "NOT SENT" | "REJECTED";

export interface TypeStatus {
  readonly typeUrl: string;
  readonly state: SyncState;
  /** Type version of the node's snapshot. */
  readonly wanted?: string | undefined;
  /** Type version of the last response. */
  readonly sent?: string | undefined;
  /** Newest type version of which the node holds everything it asked for. */
  readonly acked?: string | undefined;
  /** Resources the node refuses, with its own words, by logical time. */
  readonly rejections: readonly Rejection[];
}

export interface NodeStatus {
  readonly nodeId: string;
  readonly key: string;
  readonly node: XdsNode;
  /** Streams open now. */
  readonly streams: number;
  readonly isConnected: boolean;
  /** Logical time of the last change of `isConnected`. */
  readonly sinceMs: number;
  readonly types: readonly TypeStatus[];
}

export interface StatusChange {
  readonly nodeId: string;
  readonly key: string;
  readonly before: TypeStatus | undefined;
  readonly after: TypeStatus;
}

interface TypeEntry {
  readonly streamId: number;
  readonly status: TypeStatus;
}

interface NodeEntry {
  key: string;
  node: XdsNode;
  sinceMs: number;
  readonly streams: Set<number>;
  readonly types: Map<string, TypeEntry>;
}

export interface StreamIdentity {
  /** Grows with every stream of the server: the highest is the newest. */
  readonly streamId: number;
  readonly key: string;
  readonly node: XdsNode;
}

export class NodeStatusTable {
  private readonly nodes = new Map<string, NodeEntry>();

  constructor(private readonly onChange: (change: StatusChange) => void) {}

  connect({ streamId, key, node }: StreamIdentity, nowMs: number): void {
    const entry = this.nodes.get(node.id) ?? {
      key,
      node,
      sinceMs: nowMs,
      streams: new Set<number>(),
      types: new Map<string, TypeEntry>(),
    };
    if (entry.streams.size === 0) entry.sinceMs = nowMs;
    entry.key = key;
    entry.node = node;
    entry.streams.add(streamId);
    this.nodes.set(node.id, entry);
  }

  disconnect({ streamId, node }: StreamIdentity, nowMs: number): void {
    const entry = this.nodes.get(node.id);
    if (entry === undefined) return;
    entry.streams.delete(streamId);
    if (entry.streams.size === 0) entry.sinceMs = nowMs;
  }

  report({ streamId, node }: StreamIdentity, reports: Iterable<TypeReport>): void {
    const entry = this.nodes.get(node.id);
    if (entry === undefined) return;
    for (const report of reports) {
      const known = entry.types.get(report.typeUrl);
      if (known !== undefined && known.streamId > streamId) continue;
      const isSameStream = known?.streamId === streamId;
      // Most answers change nothing here, and there are millions of them.
      if (known !== undefined && isSameStream && isSame(known.status, report)) continue;
      const status = toStatus(report);
      entry.types.set(report.typeUrl, { streamId, status });
      if (known !== undefined && isSame(known.status, report)) continue;
      this.onChange({
        nodeId: node.id,
        key: entry.key,
        before: known?.status,
        after: status,
      });
    }
  }

  /** A node that is gone for good; false while it is connected. */
  forget(nodeId: string): boolean {
    const entry = this.nodes.get(nodeId);
    if (entry === undefined || entry.streams.size > 0) return false;
    return this.nodes.delete(nodeId);
  }

  list(): readonly NodeStatus[] {
    return [...this.nodes.values()].map(toNodeStatus);
  }

  get(nodeId: string): NodeStatus | undefined {
    const entry = this.nodes.get(nodeId);
    return entry && toNodeStatus(entry);
  }

  /** Nodes of the key that are connected. */
  connectedOf(key: string): readonly NodeStatus[] {
    const entries = [...this.nodes.values()].filter((each) => each.key === key);
    return entries.filter(({ streams }) => streams.size > 0).map(toNodeStatus);
  }
}

function toNodeStatus({ key, node, streams, sinceMs, types }: NodeEntry): NodeStatus {
  return {
    nodeId: node.id,
    key,
    node,
    streams: streams.size,
    isConnected: streams.size > 0,
    sinceMs,
    types: [...types.values()].map(({ status }) => status),
  };
}

function toStatus(report: TypeReport): TypeStatus {
  const { typeUrl, wanted, sent, acked, rejections } = report;
  return { typeUrl, state: stateOf(report), wanted, sent, acked, rejections };
}

function stateOf({ wanted, sent, acked, hasRejection }: TypeReport): SyncState {
  if (hasRejection) return "REJECTED";
  if (wanted !== undefined && wanted === acked) return "SYNCED";
  return sent === undefined ? "NOT SENT" : "STALE";
}

function isSame(a: TypeStatus, b: TypeReport): boolean {
  return (
    a.state === stateOf(b) &&
    a.wanted === b.wanted &&
    a.sent === b.sent &&
    a.acked === b.acked &&
    a.rejections.length === b.rejections.length &&
    a.rejections.every(
      ({ name, version }, i) =>
        name === b.rejections[i]?.name && version === b.rejections[i]?.version,
    )
  );
}
