import type {
  MethodDefinition,
  ServiceDefinition,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { loadService } from "../proto/service.ts";
import { createDeltaMachine, type DeltaRequest } from "./delta.ts";
import type { StreamRequest } from "./discovery.ts";
import {
  type DeltaDiscoveryRequestMessage,
  type DiscoveryRequestMessage,
  toDeltaRequest,
  toSotwRequest,
} from "./request.ts";
import { RESOURCE_TYPES } from "./resource-types.ts";
import { createSotwMachine, type SotwRequest } from "./sotw.ts";
import { type Dialect, type RawCall, type StreamContext, XdsStream } from "./stream.ts";
import { encodeDelta, encodeSotw } from "./wire.ts";

/**
 * Binds the machines to gRPC: the aggregated service and one service per type, each as a delta and a state-of-the-world
 * stream. `Fetch…` methods have no handler, so gRPC answers UNIMPLEMENTED. Bytes go through gRPC untouched in both
 * directions: malformed requests are told apart here, where they end one stream with a clear status, and responses are
 * encoded already.
 */
export interface BoundService {
  readonly definition: ServiceDefinition;
  readonly handlers: UntypedServiceImplementation;
}

const AGGREGATED = "envoy.service.discovery.v3.AggregatedDiscoveryService";

export function bindServices(context: StreamContext): readonly BoundService[] {
  let lastStreamId = 0;
  const serve = <Request extends StreamRequest>(dialect: Dialect<Request>, call: RawCall): void => {
    lastStreamId += 1;
    new XdsStream(lastStreamId, call, dialect, context).start();
  };
  const own = RESOURCE_TYPES.map(({ service, typeUrl }) => bindService(service, typeUrl, serve));
  return [bindService(AGGREGATED, undefined, serve), ...own];
}

type Serve = <Request extends StreamRequest>(dialect: Dialect<Request>, call: RawCall) => void;
type Method = MethodDefinition<object, object>;

function bindService(name: string, typeUrl: string | undefined, serve: Serve): BoundService {
  const loaded = Object.entries(loadService(name)) as [string, Method][];
  const streams = loaded.filter(([, method]) => method.requestStream && method.responseStream);
  return {
    definition: Object.fromEntries(loaded.map(([key, method]) => [key, withRawBytes(method)])),
    handlers: Object.fromEntries(
      streams.map(([key, method]) => [key, handlerOf(method, typeUrl, serve)]),
    ),
  };
}

function handlerOf(method: Method, typeUrl: string | undefined, serve: Serve) {
  if (/\/Delta\w+$/.test(method.path)) {
    const dialect = deltaDialect(method, typeUrl);
    return (call: RawCall) => serve(dialect, call);
  }
  const dialect = sotwDialect(method, typeUrl);
  return (call: RawCall) => serve(dialect, call);
}

function withRawBytes(method: Method): Method {
  return {
    ...method,
    requestDeserialize: (bytes) => bytes,
    responseSerialize: (bytes) => bytes as Buffer,
  };
}

function deltaDialect(method: Method, typeUrl: string | undefined): Dialect<DeltaRequest> {
  return {
    typeUrl,
    createMachine: createDeltaMachine,
    encode: encodeDelta,
    decode(bytes) {
      const message = method.requestDeserialize(bytes) as DeltaDiscoveryRequestMessage;
      return { node: message.node ?? undefined, request: toDeltaRequest(message) };
    },
  };
}

function sotwDialect(method: Method, typeUrl: string | undefined): Dialect<SotwRequest> {
  return {
    typeUrl,
    createMachine: createSotwMachine,
    encode: encodeSotw,
    decode(bytes) {
      const message = method.requestDeserialize(bytes) as DiscoveryRequestMessage;
      return { node: message.node ?? undefined, request: toSotwRequest(message) };
    },
  };
}
