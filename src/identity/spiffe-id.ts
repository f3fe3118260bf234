import type { NodeRole } from "../policy/node-role.ts";
import { roleKey } from "../policy/node-role.ts";

/**
 * Who a certificate of the mesh is for, in the one URI it carries. A SPIFFE certificate has exactly one, so a node's own id stands
 * in the path, behind what it runs as:
 * - `spiffe://shop.example`: the authority
 * - `spiffe://shop.example/control-plane`
 * - `spiffe://shop.example/gateway/edge/node/edge-1`: one Envoy, towards the control plane
 * - `spiffe://shop.example/sidecar/checkout`: all Envoys of a role, towards each other
 * - `spiffe://shop.example/operator/alice`: a person or a tool
 * https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md
 */
export interface SpiffeId {
  readonly trustDomain: string;
  readonly holder: Holder;
}

export type Holder =
  | { readonly kind: "authority" }
  | { readonly kind: "control-plane" }
  | { readonly kind: "node"; readonly role: NodeRole; readonly nodeId: string }
  | { readonly kind: "role"; readonly role: NodeRole }
  | { readonly kind: "operator"; readonly name: string };

const DOMAIN = "[a-z0-9._-]{1,255}";
/** A segment of only dots is none in a URI. */
const SEGMENT = "(?!\\.{1,2}(?:/|$))[A-Za-z0-9._-]{1,253}";

export function isTrustDomain(text: string): boolean {
  return new RegExp(`^${DOMAIN}$`).test(text);
}

/** A node id or an operator's name. */
export function isSegment(text: string): boolean {
  return new RegExp(`^${SEGMENT}$`).test(text);
}

export function formatSpiffeId({ trustDomain, holder }: SpiffeId): string {
  return `spiffe://${trustDomain}${pathOf(holder)}`;
}

function pathOf(holder: Holder): string {
  switch (holder.kind) {
    case "authority":
      return "";
    case "control-plane":
      return "/control-plane";
    case "node":
      return `/${roleKey(holder.role)}/node/${holder.nodeId}`;
    case "role":
      return `/${roleKey(holder.role)}`;
    case "operator":
      return `/operator/${holder.name}`;
  }
}

const PATTERN = new RegExp(
  `^spiffe://(?<domain>${DOMAIN})(?:(?<control>/control-plane)|/operator/(?<operator>${SEGMENT})|/(?<role>gateway|sidecar)/(?<name>${SEGMENT})(?:/node/(?<node>${SEGMENT}))?)?$`,
);

/** Undefined for any other URI. */
export function parseSpiffeId(uri: string): SpiffeId | undefined {
  const { groups } = PATTERN.exec(uri) ?? {};
  if (groups === undefined) return undefined;
  return { trustDomain: groups.domain ?? "", holder: holderOf(groups) };
}

function holderOf(groups: Readonly<Record<string, string | undefined>>): Holder {
  const { control, operator, role: kind, name = "", node } = groups;
  if (control !== undefined) return { kind: "control-plane" };
  if (operator !== undefined) return { kind: "operator", name: operator };
  if (kind === undefined) return { kind: "authority" };
  const role: NodeRole =
    kind === "gateway" ? { role: "gateway", name } : { role: "sidecar", service: name };
  return node === undefined ? { kind: "role", role } : { kind: "node", role, nodeId: node };
}

/**
 * The id in a certificate's alternative names, as OpenSSL writes them (`URI:spiffe://…`). Undefined if there is none, more
 * than one URI, or one that is no id of ours.
 */
export function spiffeIdIn(alternativeNames: string | undefined): SpiffeId | undefined {
  // In quotes stands what holds a comma or a quote, which could pass for a further name.
  if (alternativeNames === undefined || alternativeNames.includes('"')) return undefined;
  const uris = alternativeNames.split(", ").filter((name) => name.startsWith("URI:"));
  const [only] = uris;
  return uris.length === 1 && only !== undefined ? parseSpiffeId(only.slice(4)) : undefined;
}
