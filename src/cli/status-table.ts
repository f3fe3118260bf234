import type { ProxiesDocument, ProxyDocument, StatusDocument } from "../api/status-document.ts";
import { roleKey } from "../policy/node-role.ts";
import { oneLine, textTable } from "./text-table.ts";

/**
 * `qmesh proxies` and `qmesh status` for people: pure text, from the documents of the API. States are words, never
 * colour alone. The narrow form answers "is all well, and if not, where"; `wide` adds the numbers.
 */
export const STATUS_FORMATS = ["table", "wide", "json", "yaml"] as const;
export type StatusFormat = (typeof STATUS_FORMATS)[number];

/** Columns that are always there, in the order Envoy asks; other types follow. */
const TYPES = ["CDS", "EDS", "LDS", "RDS", "ECDS"];

/** What a type reads that an Envoy did not ask for. */
const NOT_ASKED = "-";

export function renderProxies(document: ProxiesDocument, format: StatusFormat): string {
  if (document.nodes.length === 0) return "No Envoy has connected.\n";
  const types = columns(document.nodes);
  const header = ["NODE", "ROLE", "CONNECTED", ...types];
  const rows = document.nodes.map((node) => [
    node.id,
    role(node),
    node.connected ? "yes" : "no",
    ...types.map((type) => typeCell(node, type, format)),
  ]);
  const reasons = [
    ...document.nodes.flatMap(({ id, faults = [] }) =>
      faults.map((fault) => oneLine(`${id} ${fault}`)),
    ),
    ...document.nodes.flatMap(rejectionLines),
    ...withheldLines(document),
    ...canaryLines(document),
  ];
  const below = reasons.length === 0 ? "" : `\n${reasons.join("\n")}\n`;
  return textTable([header, ...rows]) + below;
}

function columns(nodes: readonly ProxyDocument[]): string[] {
  const asked = new Set(nodes.flatMap(({ types }) => types.map(({ type }) => type)));
  const others = [...asked].filter((type) => !TYPES.includes(type)).sort();
  return [...TYPES, ...others];
}

function role({ role: said }: ProxyDocument): string {
  return said === undefined ? "unknown" : roleKey(said);
}

function typeCell(node: ProxyDocument, name: string, format: StatusFormat): string {
  const type = node.types.find((each) => each.type === name);
  if (type === undefined) return NOT_ASKED;
  if (format !== "wide" || type.version === undefined) return type.state;
  return `${type.state} ${type.version.slice(0, 8)}`;
}

function rejectionLines({ id, types }: ProxyDocument): string[] {
  return types.flatMap(({ type, rejections }) =>
    rejections.map(({ name, message }) => oneLine(`${id} rejects ${type} ${name}: ${message}`)),
  );
}

function withheldLines({ withheld = [] }: Pick<StatusDocument, "withheld">): string[] {
  return withheld.map(({ role, type, resource, node, message, hasLastGood, documents }) => {
    const places = documents.map(({ document, file, line }) =>
      file === undefined ? document : `${document} (${file}:${line})`,
    );
    const from = places.length === 0 ? "" : ` from ${places.join(", ")}`;
    const rest = hasLastGood ? "the last good one stays" : "there is no earlier one";
    return oneLine(
      `${role} is kept from ${type} ${resource}${from}, which ${node} refused: ${message} (${rest})`,
    );
  });
}

/** Up to so many Envoys are named. */
const MOST_NAMED = 5;

function canaryLines({ canaries = [] }: Pick<StatusDocument, "canaries">): string[] {
  return canaries.map(({ role: key, nodes, of, ageMs }) => {
    const named = nodes.slice(0, MOST_NAMED).join(", ");
    const rest = nodes.length > MOST_NAMED ? " ..." : "";
    return oneLine(
      `${key}: ${nodes.length} of ${of} Envoys have the newest intent for ${seconds(ageMs)}, the others follow (${named}${rest})`,
    );
  });
}

export function renderStatus(document: StatusDocument, format: StatusFormat): string {
  const parts = [
    summary(document),
    problems(document),
    [...withheldLines(document), ...canaryLines(document)].map((line) => `${line}\n`).join(""),
    telemetry(document, format),
    ages(document, format),
    scopes(document, format),
    rateLimits(document),
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function summary({ version, started, intent, nodes }: StatusDocument): string {
  const connected = nodes.filter((node) => node.connected).length;
  const count = (state: string) =>
    nodes.filter(({ types }) => types.some((type) => type.state === state)).length;
  const heard = nodes.filter(({ evidence }) => evidence?.state === "ok").length;
  return textTable([
    ["control plane", `qmesh ${version}, up since ${started}`],
    ["intent", intentLine(intent)],
    ["Envoys", `${connected} connected of ${nodes.length} known`],
    ["configuration", `${count("REJECTED")} reject, ${count("STALE") + count("NOT SENT")} wait`],
    ["evidence", `${heard} of ${nodes.length} report in time`],
  ]);
}

function intentLine(intent: StatusDocument["intent"]): string {
  if (intent.digest === undefined) return "none loaded";
  const { files, digest, loadedAt } = intent;
  const count = `${files.length} file${files.length === 1 ? "" : "s"}`;
  const since = loadedAt === undefined ? "" : `, loaded ${loadedAt}`;
  const set = `${digest.slice(0, 12)} of ${count}${since}`;
  return intent.current && intent.failure === undefined
    ? set
    : `${set}; the files hold something newer that is NOT in force`;
}

function problems({ intent }: StatusDocument): string {
  const lines = intent.problems.map(
    ({ severity, code, file, line, document, path, message }) =>
      `${severity} ${code} ${file}:${line} ${document} ${path}: ${message}`,
  );
  if (intent.failure !== undefined) lines.unshift(`error: ${intent.failure}`);
  if (intent.held !== undefined) lines.unshift(heldLine(intent.held));
  return lines.map((line) => `${oneLine(line)}\n`).join("");
}

function heldLine({ digest, by, why }: NonNullable<StatusDocument["intent"]["held"]>): string {
  const next =
    by === "shrink"
      ? "If it is meant so: qmesh apply -f DIR --allow-shrink"
      : "Mend it, or try it again: qmesh apply -f DIR";
  return `${digest.slice(0, 12)} is HELD, the set before stays in force: ${why.join("; ")}. ${next}`;
}

function scopes({ decisions, nodes }: StatusDocument, format: StatusFormat): string {
  if (decisions.length === 0) return "";
  const header = ["NODE", "SHEDDING", "STATE", "LIMIT", "BOUNDS", "IN FLIGHT", "WHY"];
  const rows = decisions.map(({ node, scope, state, reason, bounds, evidence }) => [
    node,
    scope,
    state,
    number(evidence.scope?.limit),
    `${bounds.min}-${bounds.max}`,
    number(evidence.scope?.inflight),
    reason,
  ]);
  const table = textTable([header, ...rows]);
  return format === "wide" ? `${table}\n${tiers(nodes)}` : table;
}

function rateLimits({ rateLimits: counts = [] }: StatusDocument): string {
  if (counts.length === 0) return "";
  const header = ["RATE LIMIT", "MODE", "ADMITTED", "REFUSED", "WOULD REFUSE"];
  const rows = counts.map(({ limit, mode, admitted, refused, wouldRefuse }) => [
    ...[limit, mode],
    ...[admitted, refused, wouldRefuse].map(String),
  ]);
  return textTable([header, ...rows]);
}

/** Sources and signals; the narrow form shows only what is not well. */
function telemetry({ telemetry: known }: StatusDocument, format: StatusFormat): string {
  if (known === undefined) return "";
  const all = [
    ...known.services.flatMap(({ service, sources, ...whole }) => [
      { what: `service ${service}`, ...whole, value: undefined },
      ...sources.map(({ source, ...each }) => ({
        ...{ what: `service ${service} by ${source}`, ...each, value: undefined },
      })),
    ]),
    ...known.signals.map(({ name, ...each }) => ({ what: `signal ${name}`, ...each })),
  ];
  const shown = format === "wide" ? all : all.filter(({ state }) => state !== "ok");
  const rows = shown.map(({ what, state, ageSeconds, value }) => [
    ...[oneLine(what), state, ageSeconds === undefined ? "never" : `${ageSeconds} s`],
    number(value),
  ]);
  const table =
    rows.length === 0 ? "" : textTable([["TELEMETRY", "STATE", "AGE", "VALUE"], ...rows]);
  const lines = known.disagreements.map((what) => `sources disagree: ${oneLine(what)}\n`);
  return lines.join("") + table;
}

/** How old what each node sent last is. */
function ages({ nodes }: StatusDocument, format: StatusFormat): string {
  if (format !== "wide" || nodes.length === 0) return "";
  const header = ["NODE", "METRICS", "LOAD REPORT", "ACCESS LOG"];
  const rows = nodes.map(({ id, evidence, loadReports, accessLog }) => [
    id,
    seconds(evidence?.hasReported === true ? evidence.ageMs : undefined),
    seconds(loadReports?.ageMs),
    seconds(accessLog?.ageMs),
  ]);
  return textTable([header, ...rows]);
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? "-" : `${(ms / 1000).toFixed(1)} s`;
}

function tiers(nodes: StatusDocument["nodes"]): string {
  const rows = nodes.flatMap(({ id, evidence }) =>
    (evidence?.scopes ?? []).flatMap(({ scope, tiers: all }) =>
      all.map((tier) => [
        ...[id, scope, tier.tier],
        ...[tier.admittedRps, tier.shedRps, tier.wouldShedRps].map((rps) => rps.toFixed(1)),
        ...[tier.admitted, tier.shed].map(String),
      ]),
    ),
  );
  const rates = ["ADMITTED/S", "SHED/S", "WOULD SHED/S"];
  return textTable([["NODE", "SHEDDING", "TIER", ...rates, "ADMITTED", "SHED"], ...rows]);
}

function number(value: number | undefined): string {
  return value === undefined ? "-" : String(value);
}
