import { type StructMessage, structJson } from "../proto/decode-json.ts";
import type { JsonFields } from "../proto/encode-json.ts";

/**
 * Who a client says it is, in the first request of its stream. Only what tells nodes apart is kept: Envoy's list of
 * extensions alone is tens of kilobytes.
 */
export interface XdsNode {
  readonly id: string;
  readonly cluster: string;
  readonly metadata: JsonFields;
  readonly locality: {
    readonly region: string;
    readonly zone: string;
    readonly subZone: string;
  };
  readonly userAgent: string;
  /** What the client says it can do, in the protocol's own words. */
  readonly clientFeatures: readonly string[];
}

/** A `Node` message as protobufjs decodes it. */
export interface NodeMessage {
  readonly id?: string;
  readonly cluster?: string;
  readonly metadata?: StructMessage | null;
  readonly locality?: {
    readonly region?: string;
    readonly zone?: string;
    readonly sub_zone?: string;
  } | null;
  readonly user_agent_name?: string;
  readonly client_features?: readonly string[];
}

export function toNode(message: NodeMessage): XdsNode {
  const { locality } = message;
  return {
    id: message.id ?? "",
    cluster: message.cluster ?? "",
    metadata: structJson(message.metadata?.fields),
    locality: {
      region: locality?.region ?? "",
      zone: locality?.zone ?? "",
      subZone: locality?.sub_zone ?? "",
    },
    userAgent: message.user_agent_name ?? "",
    clientFeatures: message.client_features ?? [],
  };
}
