import type { NodeRow, StatusDocument } from "../api/status-document.ts";
import { formatProblem } from "../policy/format.ts";
import { alignTable } from "./demo/table.ts";
import { EXIT, Failure } from "./exit-code.ts";
import { printStructured } from "./output.ts";

/** `qmesh status` and `qmesh proxies`: what the control plane at `server` says of itself and its Envoys. */
export interface AskOptions {
  readonly server: string;
  readonly output: "table" | "wide" | "json" | "yaml";
}

export async function showStatus({ server, output }: AskOptions): Promise<number> {
  const status = await fetchStatus(server);
  if (output === "json" || output === "yaml") printStructured(status, output);
  else print(statusLines(status));
  return isDegraded(status) ? EXIT.degraded : EXIT.fine;
}

export async function showProxies({ server, output }: AskOptions): Promise<number> {
  const status = await fetchStatus(server);
  if (output === "json" || output === "yaml") printStructured({ nodes: status.nodes }, output);
  else print(proxyLines(status.nodes, output === "wide"));
  return status.nodes.some(isRejecting) ? EXIT.degraded : EXIT.fine;
}

async function fetchStatus(server: string): Promise<StatusDocument> {
  const url = `${server.replace(/\/$/, "")}/status`;
  const response = await fetch(url).catch(() => {
    throw new Failure(
      `no control plane answers at ${url}: start one, or name its address with --server.`,
    );
  });
  const body: unknown = await response.json().catch(() => undefined);
  const isOurs = typeof body === "object" && body !== null && "intent" in body && "nodes" in body;
  if (!response.ok || !isOurs)
    throw new Failure(
      `${url} answered ${response.status} and no status: is it a qmesh control plane?`,
    );
  return body as StatusDocument;
}

function isRejecting({ types }: NodeRow): boolean {
  return types.some(({ state }) => state === "REJECTED");
}

function isDegraded({ intent, nodes }: StatusDocument): boolean {
  return !intent.current || nodes.some(isRejecting);
}

export function statusLines({
  version,
  started,
  intent,
  nodes,
  decisions,
}: StatusDocument): string[] {
  const set = intent.digest === undefined ? "none loaded" : intent.digest.slice(0, 12);
  const currency = intent.current ? "current" : "NOT what the directory holds";
  const connected = nodes.filter((node) => node.connected).length;
  return [
    `qmesh ${version}, up since ${started}`,
    `intent ${set} (${currency}), ${intent.files.length} files, ${intent.problems.length} problems`,
    ...intent.problems.map((problem) => `  ${formatProblem(problem)}`),
    ...(intent.failure === undefined ? [] : [`  not published: ${intent.failure}`]),
    `${connected} of ${nodes.length} Envoys connected`,
    ...decisions.map(({ why }) => `  ${why}`),
  ];
}

const TYPES = ["CDS", "EDS", "LDS", "RDS", "ECDS"];

export function proxyLines(nodes: readonly NodeRow[], isWide: boolean): string[] {
  if (nodes.length === 0) return ["no Envoy has connected yet"];
  const rows = nodes.map((node) => [
    node.id,
    node.connected ? "connected" : "GONE",
    ...TYPES.map((type) => {
      const row = node.types.find((each) => each.type === type);
      if (row === undefined) return "-";
      return isWide && row.version !== undefined ? `${row.state} ${row.version}` : row.state;
    }),
    node.evidence === undefined
      ? "-"
      : `${node.evidence.state} ${(node.evidence.ageMs / 1000).toFixed(1)} s`,
  ]);
  const reasons = nodes.flatMap(({ id, types }) =>
    types.flatMap(({ type, rejections }) =>
      rejections.map(({ name, message }) => `${id} ${type} rejects ${name}: ${message}`),
    ),
  );
  return [...alignTable([["envoy", "stream", ...TYPES, "telemetry"], ...rows]), ...reasons];
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}
