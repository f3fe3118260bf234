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
  return {
    ...commonFields(message),
    resumes: message.version_info !== "",
    version: message.version_info,
    names: message.resource_names,
  };
}

export function toDeltaRequest(message: DeltaDiscoveryRequestMessage): DeltaRequest {
  return {
    ...commonFields(message),
    subscribe: message.resource_names_subscribe,
    unsubscribe: message.resource_names_unsubscribe,
    known: message.initial_resource_versions,
    resumes: Object.keys(message.initial_resource_versions).length > 0,
  };
}

function commonFields({ type_url, response_nonce, error_detail }: CommonMessage) {
  const isRefusal = error_detail !== null && error_detail !== undefined;
  const error = isRefusal ? (error_detail.message ?? "") : undefined;
  return { typeUrl: type_url, nonce: response_nonce, error };
}
