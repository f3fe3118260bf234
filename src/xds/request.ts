import type { DeltaRequest } from "./delta.ts";
import type { NodeMessage } from "./node.ts";
import type { SotwRequest } from "./sotw.ts";

/**
 * Requests as protobufjs decodes them -> the machines' own. A separate service may leave out the type, since its name
 * says it; the aggregated one may not.
 */
interface ErrorDetail {
  readonly message?: string;
}

interface CommonMessage {
  readonly node?: NodeMessage | null;
  readonly type_url: string;
  readonly response_nonce: string;
  readonly error_detail?: ErrorDetail | null;
}

export interface DiscoveryRequestMessage extends CommonMessage {
  readonly version_info: string;
  readonly resource_names: readonly string[];
}

export interface DeltaDiscoveryRequestMessage extends CommonMessage {
  readonly resource_names_subscribe: readonly string[];
  readonly resource_names_unsubscribe: readonly string[];
  readonly initial_resource_versions: Readonly<Record<string, string>>;
}

export function toSotwRequest(message: DiscoveryRequestMessage): SotwRequest {
  const { version_info: version, resource_names: names } = message;
  return {
    typeUrl: message.type_url,
    nonce: message.response_nonce,
    error: errorOf(message),
    resumes: version !== "",
    version,
    names,
  };
}

export function toDeltaRequest(message: DeltaDiscoveryRequestMessage): DeltaRequest {
  const known = message.initial_resource_versions;
  return {
    typeUrl: message.type_url,
    nonce: message.response_nonce,
    error: errorOf(message),
    subscribe: message.resource_names_subscribe,
    unsubscribe: message.resource_names_unsubscribe,
    known,
    resumes: Object.keys(known).length > 0,
  };
}

function errorOf({ error_detail }: CommonMessage): string | undefined {
  const isRefusal = error_detail !== null && error_detail !== undefined;
  return isRefusal ? (error_detail.message ?? "") : undefined;
}
