import { status } from "@grpc/grpc-js";

/** Why a stream was ended by the server, and the one place where that becomes a gRPC status. */
export interface Refusal {
  readonly code: "INVALID_ARGUMENT" | "PERMISSION_DENIED" | "UNAVAILABLE" | "RESOURCE_EXHAUSTED";
  readonly details: string;
}

export function toStatusObject({ code, details }: Refusal): { code: status; details: string } {
  return { code: status[code], details };
}
