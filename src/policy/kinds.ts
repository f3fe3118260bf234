/** The kinds of the language: those this version carries out, and those it knows by name only and refuses as such. */
import { notYet } from "./fields.ts";
import { didYouMean } from "./nearest.ts";
import { show } from "./show.ts";

export const GATEWAY_API = "gateway.networking.k8s.io/v1";
export const OWN_API = "quantum.mesh/v1";
export const OPEN_SLO = "openslo/v1";

/** Kind to its apiVersion. */
export const supportedKinds = {
  Gateway: GATEWAY_API,
  HTTPRoute: GATEWAY_API,
  GRPCRoute: GATEWAY_API,
  Service: OWN_API,
  Shedding: OWN_API,
  RateLimit: OWN_API,
  SLO: OPEN_SLO,
  AlertPolicy: OPEN_SLO,
  AlertCondition: OPEN_SLO,
  AlertNotificationTarget: OPEN_SLO,
  Policy: OWN_API,
  Rollout: OWN_API,
  Guardrail: OWN_API,
  Override: OWN_API,
  Maintenance: OWN_API,
  Adapter: OWN_API,
  Identity: OWN_API,
  Runbook: OWN_API,
} as const;

export type Kind = keyof typeof supportedKinds;

const laterKinds: Readonly<Record<string, string>> = {
  SLI: OPEN_SLO,
  DataSource: OPEN_SLO,
};

export function isSupported(kind: string): kind is Kind {
  return Object.hasOwn(supportedKinds, kind);
}

/** Why documents of this kind are not read, as `CODE sentence`. */
export function kindFault(kind: string): string {
  if (Object.hasOwn(laterKinds, kind)) return `QM0010 ${notYet(`documents of kind ${kind} are`)}`;
  const supported = Object.keys(supportedKinds);
  const hint = didYouMean(kind, [...supported, ...Object.keys(laterKinds)]);
  return `QM0009 unknown kind ${show(kind)}${hint || `; known: ${supported.join(", ")}`}`;
}

/** What is wrong with the apiVersion of a known kind, as `CODE sentence`. */
export function apiVersionFault(kind: Kind, apiVersion: unknown): string | undefined {
  const right = supportedKinds[kind];
  if (apiVersion === right) return undefined;
  if (apiVersion === undefined) return `QM0007 missing; ${kind} has ${right}`;
  return `QM0009 ${show(apiVersion)} is not the apiVersion of ${kind}; write ${right}`;
}
