import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import { protoRoot } from "./bundle.ts";

/**
 * gRPC service definitions from the bundle. Messages cross the boundary as protobufjs objects with the proto's own
 * field names; `int64` as numbers where they are safe. Throws if the bundle has no such service.
 */
export function loadService(fullName: string): ServiceDefinition {
  const service = protoRoot().lookupService(fullName);
  const entries = service.methodsArray.map((method): [string, MethodDefinition<object, object>] => {
    method.resolve();
    const { resolvedRequestType: request, resolvedResponseType: response } = method;
    if (request === null || response === null)
      throw new Error(`invariant: ${fullName} is unresolved`);
    return [
      method.name,
      {
        path: `/${fullName}/${method.name}`,
        requestStream: method.requestStream === true,
        responseStream: method.responseStream === true,
        requestSerialize: (value) =>
          Buffer.from(request.encode(request.fromObject(value)).finish()),
        requestDeserialize: (bytes) => request.decode(bytes),
        responseSerialize: (value) =>
          Buffer.from(response.encode(response.fromObject(value)).finish()),
        responseDeserialize: (bytes) => response.decode(bytes),
      },
    ];
  });
  return Object.fromEntries(entries);
}
