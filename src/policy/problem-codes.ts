/**
 * Every code a problem may carry, with its severity and one sentence for the reader of `docs/policy-problems.md`, which
 * is generated from this table. Codes are stable: one is never given another meaning, and a retired one never comes back.
 * 00xx: reading and single values; 01xx: fields of one document against each other; 02xx: documents against each other;
 * 09xx: warnings, with which a set still loads.
 */
import type { Severity } from "./problem.ts";

interface CodeEntry {
  readonly severity: Severity;
  readonly says: string;
}

const error = (says: string): CodeEntry => ({ severity: "error", says });
const warning = (says: string): CodeEntry => ({ severity: "warning", says });

export const problemCodes = {
  QM0001: error(
    "The text is not YAML 1.2, or uses a tag, a directive or an alias that is not read.",
  ),
  QM0002: error("A mapping holds the same key twice."),
  QM0003: error("A file or document is larger, nests deeper or repeats itself more than is read."),
  QM0004: error("A document is not a mapping with apiVersion, kind, metadata and spec."),
  QM0005: error("A number or the length of a text is outside its range."),
  QM0006: error("A value has another type than its field."),
  QM0007: error("A field that is needed is missing."),
  QM0008: error("A field is unknown; often a slip of the keyboard."),
  QM0009: error("A kind or apiVersion is unknown."),
  QM0010: error("A kind belongs to the language but is not supported yet."),
  QM0011: error("A field or value belongs to the language but is not supported yet."),
  QM0012: error("A value is not one of those its field takes."),
  QM0013: error(
    "A name is not a DNS label: 1 to 63 of a-z, 0-9 and -, a letter or digit at both ends.",
  ),
  QM0014: error("A duration is not of the form 1h, 1m30s, 5s or 400ms."),
  QM0015: error("A share is not a percentage such as 20%."),
  QM0016: error("A hostname is not a lower-case DNS name, with at most one leading `*.`."),
  QM0017: error(
    "A header or query parameter has a name or value that HTTP or Envoy does not take.",
  ),
  QM0018: error("A path does not begin with / or holds a part that no normalised path has."),
  QM0019: error("A regular expression does not compile as RE2, or is beyond its bounds."),
  QM0020: error("An address is not an IP address, or an endpoint not an IP address with a port."),
  QM0021: error("A list has too many entries, or too few."),
  QM0022: error("A name is not that of a gRPC service or method."),
  QM0023: error("A file that a document names cannot be read, or does not hold what it should."),
  QM0024: error("An origin or method of a CORS filter is none."),
  QM0025: error("A name to resolve is not a DNS name with a port."),
  QM0026: error("A rate is not of the form 400/s, 30/m, 1000/h or 5000/d."),
  QM0027: error("A condition is not an expression of the policy language."),
  QM0028: error("A condition is longer, deeper or takes more steps than is evaluated."),
  QM0029: error("A name is not that of a signal, such as db.latency.p95."),
  QM0030: error("A time, time zone or schedule of a Maintenance is none."),
  QM0031: error("A JSON Web Key Set is none, or holds a private key."),
  QM0101: error("Two entries of one list have the same name."),
  QM0102: error("A version lists the same endpoint twice."),
  QM0103: error(
    "Two listeners of a Gateway share port and hostname, or a port with different protocols.",
  ),
  QM0104: error("All weights of a rule or of a Service are 0, so nobody would answer."),
  QM0105: error("More than one tier of a Shedding has no matches."),
  QM0106: error("`unmatched` names no tier."),
  QM0107: error(
    "The bounds of a limit contradict each other: min <= initial <= max does not hold.",
  ),
  QM0108: error("A rule both redirects and sends requests to backends or rewrites them."),
  QM0109: error("A rule neither redirects nor has a backend."),
  QM0110: error("A prefix is to be replaced in a rule that also matches without a path prefix."),
  QM0111: error("`backendRequest` is longer than `request`, of which it is a part."),
  QM0112: error("A weight is given to a version that the Service does not have."),
  QM0113: error("A filter stands more than once in a rule that may hold it once."),
  QM0114: error("The share of requests to mirror is above the whole, or said twice."),
  QM0115: error("Exactly one of some fields must be given."),
  QM0116: error("A match says nothing, so it would hold every request."),
  QM0117: error("A Shedding, RateLimit, Policy, Rollout or Guardrail has no owner."),
  QM0118: error("The ports of a sidecar clash."),
  QM0119: error("A field of a route has no meaning for a parent of its kind."),
  QM0120: error("A listener has TLS and a protocol without it."),
  QM0121: error(
    "A CORS filter allows credentials together with a `*` that browsers then take literally.",
  ),
  QM0122: error("The bounds of a RateLimit contradict its rate or each other."),
  QM0123: error("`onUnavailable` stands in a RateLimit that asks no service."),
  QM0124: error("A Policy that acts does not say what must improve."),
  QM0125: error("A Policy that acts does not say when it is undone."),
  QM0126: error("An Override, or a Policy that denies, does not end by itself."),
  QM0127: error("A verification can never succeed."),
  QM0128: error("A Maintenance changes nothing."),
  QM0129: error("Fields of a Rollout contradict each other."),
  QM0130: error("The mode of a Service's `tls` does not fit where the Service runs."),
  QM0131: error("A Service fails over from a region to itself."),
  QM0140: error("An action that counts for the whole mesh is to hold on some Envoys only."),
  QM0201: error("Two documents of one kind have the same name."),
  QM0202: error("A parentRef names a Gateway or Service that is not there."),
  QM0203: error("A sectionName names a listener that its Gateway does not have."),
  QM0204: error("A backendRef names a Service that is not there."),
  QM0205: error("A backendRef names a version that its Service does not have."),
  QM0206: error("The target of a Shedding or a RateLimit is not there."),
  QM0207: error("Two Sheddings have the same target."),
  QM0208: error("No listener of the Gateway takes any hostname of the route."),
  QM0209: error("More Sheddings meet at one Gateway or sidecar than its filter holds."),
  QM0210: error("`calls` of a sidecar names a Service that is not there."),
  QM0211: error("An HTTPRoute and a GRPCRoute meet on one hostname, where only one kind may hold."),
  QM0212: error("A GRPCRoute sends to a Service that does not speak HTTP/2."),
  QM0213: error("No listener of the Gateway allows routes of this kind."),
  QM0214: error("Two RateLimits of one target count by the same keys."),
  QM0215: error("A RateLimit counts by tenant, and no Shedding of its target says who that is."),
  QM0216: error("A RateLimit is for a Service that shares a rule with another Service."),
  QM0217: error("A document of automation names a document, version or tier that is not there."),
  QM0218: error("A signal is read that no Adapter brings."),
  QM0219: error("Two Adapters bring the same signal."),
  QM0220: error("A Rollout names a version that its Service does not have."),
  QM0221: error("Two Rollouts move the same Service."),
  QM0222: error("A rule names one version of a Service that a Rollout moves."),
  QM0223: error("Weights of a Service contradict the Rollout that moves them."),
  QM0224: error("A condition never holds or always does, whatever the evidence."),
  QM0225: error("An action of a Policy is never reached, or does no more than one before it."),
  QM0226: error("The guard of a Policy makes one of its actions impossible."),
  QM0227: error("An action goes beyond the floor of a tier or the bounds of a RateLimit."),
  QM0228: error("A Guardrail always forbids what a Policy or a Rollout is there to do."),
  QM0229: error(
    "Keys are to come from a Service that is reached otherwise than their address says.",
  ),
  QM0901: warning("A document has no owner."),
  QM0902: warning("`floor` and `value` of a tier have no effect without Policies."),
  QM0903: warning("Documents come from several namespaces, which are not told apart."),
  QM0904: warning(
    "A header that counts only from the mesh is read by a tier, an exemption, the tenant or a RateLimit, and no peer is verified by certificate there: a gateway strips it from every request, a sidecar without `tls` from all but loopback's.",
  ),
  QM0905: warning("`bounds` of a RateLimit have no effect without Policies."),
  QM0906: warning("An AlertPolicy is named by no SLO."),
  QM0907: warning("A part of a condition never holds or always does."),
  QM0908: warning("Two Policies of one class move one knob in opposite ways."),
  QM0910: warning(
    "A Service prefers some endpoints to others, and nothing tells Envoy that they fail.",
  ),
  QM0911: warning(
    "A Service prefers some endpoints to others, and has a dns name without localities.",
  ),
  QM0912: warning("Somebody is to be told, and no Adapter that takes alerts is for them."),
  QM0913: warning("A denial names a certificate where no peer shows one."),
} as const satisfies Record<string, CodeEntry>;

export type ProblemCode = keyof typeof problemCodes;

export function isProblemCode(text: string): text is ProblemCode {
  return Object.hasOwn(problemCodes, text);
}

/** The text of `docs/policy-problems.md`. */
export function problemsPage(): string {
  const rows = Object.entries(problemCodes).map(
    ([code, { severity, says }]) => `| ${code} | ${severity} | ${says} |`,
  );
  return [
    "# Problems of operator intent",
    "",
    "What `qmesh analyze` and a load report about intent, as",
    "`FILE:LINE KIND/NAME PATH: what is wrong [CODE]`. A set with an error does not load and the last good set stays;",
    "a warning is shown and the set loads. Codes keep their meaning for good. This page is generated from",
    "`src/policy/problem-codes.ts`.",
    "",
    "| code | severity | meaning |",
    "|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
