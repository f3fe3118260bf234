/** What `qmesh get` shows of each kind, column by column. A path goes down into the row; `wide` columns come after the others. */
export interface Column {
  readonly head: string;
  /** `subject.name`. */
  readonly path: string;
  readonly isWide?: boolean;
}

type Row = Readonly<Record<string, unknown>>;

const column = (head: string, path: string, isWide = false): Column => ({ head, path, isWide });

export const KINDS: Readonly<Record<string, readonly Column[]>> = {
  services: [
    ...[column("NAME", "name"), column("OWNER", "owner"), column("EVIDENCE", "state")],
    ...[column("RPS", "requestRps"), column("ERRORS", "errorRatio"), column("P95 MS", "p95Ms")],
    ...[column("P50 MS", "p50Ms", true), column("P99 MS", "p99Ms", true)],
  ],
  nodes: [
    ...[column("NAME", "id"), column("ROLE", "role"), column("CONNECTED", "connected")],
    ...[column("SYNC", "sync"), column("EVIDENCE", "state"), column("AGE MS", "ageMs", true)],
  ],
  shedding: [
    ...[column("SHEDDING", "shedding"), column("NODE", "node"), column("STATE", "state")],
    ...[column("INFLIGHT", "inflight"), column("LIMIT", "limit"), column("RTT MS", "rttMs")],
    column("WHY", "why", true),
  ],
  clusters: [
    ...[column("NAME", "cluster"), column("NODES", "nodes"), column("RPS", "requestRps")],
    ...[column("5XX/S", "error5xxRps"), column("P99 MS", "p99Ms"), column("INFLIGHT", "inflight")],
    column("CONNECTIONS", "connections", true),
  ],
  judgements: [
    ...[column("AT", "at"), column("SHEDDING", "shedding"), column("NODE", "node")],
    ...[column("FROM", "from"), column("TO", "to"), column("WHY", "why", true)],
  ],
  decisions: [
    ...[column("ID", "id"), column("AT", "at"), column("KIND", "subject.kind")],
    ...[column("NAME", "subject.name"), column("VERDICT", "verdict"), column("BY", "actor")],
    ...[column("OUTCOME", "outcome.state"), column("BECAUSE", "because.0", true)],
  ],
  rollouts: [
    ...[column("NAME", "name"), column("SERVICE", "service"), column("STABLE", "stable")],
    ...[column("CANARY", "canary"), column("PHASE", "phase"), column("PERCENT", "percent")],
    column("WHY", "why", true),
  ],
  actions: [
    ...[column("ID", "id"), column("WHAT", "text"), column("BY", "by.name")],
    ...[column("SINCE", "since"), column("UNTIL", "until"), column("SHADOW", "isShadow", true)],
  ],
  approvals: [
    ...[column("DECISION", "decision"), column("POLICY", "policy"), column("WHAT", "text")],
    ...[column("NEED", "need"), column("UNTIL", "until"), column("ELSE", "else", true)],
  ],
  overrides: [
    ...[column("ID", "id"), column("KNOB", "knob"), column("VALUE", "value"), column("BY", "by")],
    ...[column("UNTIL", "until"), column("REASON", "reason", true)],
  ],
  incidents: [
    ...[column("ID", "id"), column("TITLE", "title"), column("SERVICE", "service")],
    ...[column("SEVERITY", "severity"), column("OPENED", "openedAt"), column("CLOSED", "closedAt")],
  ],
  alerts: [
    ...[column("ID", "id"), column("TITLE", "title"), column("STATE", "state")],
    ...[column("SEVERITY", "severity"), column("VALUE", "value"), column("THRESHOLD", "threshold")],
  ],
  audit: [
    ...[column("ID", "id"), column("AT", "at"), column("KIND", "kind")],
    ...[column("SUBJECT", "subject.name"), column("BY", "actor")],
  ],
};

/** A word or a number of a row; `-` where there is none. */
export function cellOf(row: Row, path: string): string {
  let value: unknown = row;
  for (const name of path.split(".")) value = (value as Row | undefined)?.[name];
  if (value === undefined || value === null) return "-";
  return typeof value === "number" ? String(Number(value.toPrecision(4))) : String(value);
}
