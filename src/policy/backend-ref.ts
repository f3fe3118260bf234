/**
 * Who answers a rule. Without group and kind a reference means our `Service`; `ServiceVersion` names one version as
 * `SERVICE.VERSION`. `port` and `namespace` are taken for portability: endpoints carry the real port.
 */
import { z } from "zod";
import { fields, oneOf } from "./fields.ts";
import type { Backend } from "./intent/route.ts";

const target = {
  /** "" is how a cluster prints the core group; there is no core Service here. */
  group: oneOf(["", "quantum.mesh"]).exactOptional(),
  kind: oneOf(["Service", "ServiceVersion"]).default("Service"),
  name: z.string().min(1).max(127),
  namespace: z.string().exactOptional(),
  port: z.int().min(1).max(65535).exactOptional(),
};

/** Weights end at what Gateway API allows. */
export const MOST_WEIGHT = 1_000_000;

export const mirrorRef = fields(target);

export const backendRef = fields(
  { ...target, weight: z.int().min(0).max(MOST_WEIGHT).default(1) },
  { filters: "filters of a single backendRef are" },
);

export type BackendRefSpec = z.output<typeof mirrorRef> & { readonly weight?: number };

export function splitVersion(name: string): [string, string?] {
  const dot = name.indexOf(".");
  return dot > 0 && dot < name.length - 1 ? [name.slice(0, dot), name.slice(dot + 1)] : [name];
}

/** The Service a reference is to, whichever of its versions. */
export function serviceOf({ kind, name }: BackendRefSpec): string {
  return kind === "Service" ? name : splitVersion(name)[0];
}

export function toBackend({ kind, name, weight = 1 }: BackendRefSpec): Backend {
  if (kind === "Service") return { service: name, weight };
  const dot = name.indexOf(".");
  return { service: name.slice(0, dot), version: name.slice(dot + 1), weight };
}
