import {
  type MethodDefinition,
  type Server,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import { loadService } from "../proto/service.ts";
import type { OtlpIntake } from "./otlp-intake.ts";
import { readOtlpBytes } from "./otlp-message.ts";

/** OTLP metrics over gRPC: one call an export, its token in the metadata. */
const SERVICE = "opentelemetry.proto.collector.metrics.v1.MetricsService";

export interface OtlpServiceOptions {
  readonly intake: Pick<OtlpIntake, "take">;
  readonly onRefused: (refusal: { readonly reason: string }) => void;
}

export function addOtlpService(server: Server, { intake, onRefused }: OtlpServiceOptions): void {
  const { Export } = loadService(SERVICE);
  if (Export === undefined) throw new Error(`invariant: ${SERVICE} has no method`);
  const definition: MethodDefinition<Buffer, object> = {
    ...(Export as MethodDefinition<Buffer, object>),
    requestDeserialize: (bytes) => bytes,
  };
  server.addService(
    { Export: definition },
    {
      Export: (call: ServerUnaryCall<Buffer, object>, done: sendUnaryData<object>) => {
        const refuse = (code: status, reason: string) => {
          onRefused({ reason });
          done({ code, details: reason });
        };
        const message = readOtlpBytes(call.request);
        if (message === undefined) {
          refuse(status.INVALID_ARGUMENT, "the message is no ExportMetricsServiceRequest");
          return;
        }
        const [authorization] = call.metadata.get("authorization");
        const answer = intake.take(authorization?.toString(), message);
        if (answer === undefined) refuse(status.UNAUTHENTICATED, NO_TOKEN);
        else done(null, toResponse(answer));
      },
    },
  );
}

export const NO_TOKEN = "authorization must be Bearer and the secret of an Adapter of type otlp";

/** As OTLP says it, with the proto's own names. */
export function toResponse({ rejected, why }: { rejected: number; why: string }): object {
  if (rejected === 0) return {};
  return { partial_success: { rejected_data_points: rejected, error_message: why } };
}
