import {
  proxy_define_metric,
  proxy_get_buffer_bytes,
  proxy_get_header_map_pairs,
  proxy_get_header_map_value,
  proxy_get_metric,
  proxy_get_property,
  proxy_increment_metric,
  proxy_log,
  proxy_record_metric,
  proxy_replace_header_map_value,
  proxy_send_local_response,
  proxy_set_tick_period_milliseconds,
} from "./env.ts";
import { isInArena, Span } from "./memory.ts";
import { clock_time_get } from "./wasi_snapshot_preview1.ts";

/**
 * Host calls with their answers checked; nothing else calls the host. A call that returns data leaves it in `found`, valid
 * until the callback ends, and answers a status. None of these may run before the host has created a root context: a host
 * call while the module starts ends the whole Envoy.
 */
export enum Status {
  Ok = 0,
  /** Also: the host gave a pointer that is not ours. */
  InvalidMemoryAccess = 6,
}

export enum LogLevel {
  Warn = 3,
}

export enum MetricKind {
  Counter = 0,
  Gauge = 1,
}

/** A metric the host would not define; calls with it do nothing. */
export const NO_METRIC: u32 = u32.MAX_VALUE;

const PLUGIN_CONFIGURATION: u32 = 7;
const REQUEST_HEADERS: u32 = 0;
const RESPONSE_HEADERS: u32 = 2;
const MONOTONIC: u32 = 1;
/** RESOURCE_EXHAUSTED; Envoy uses it only where the request is gRPC and turns the answer into trailers by itself. */
const GRPC_RESOURCE_EXHAUSTED: i32 = 8;

/** What the last data-returning call found. The host writes its two words. */
export const found: Span = changetype<Span>(heap.alloc(offsetof<Span>()));
const CELL: usize = heap.alloc(8);

function checked(status: u32): Status {
  if (status !== 0) return <Status>status;
  return isInArena(found.ptr, found.size) ? Status.Ok : Status.InvalidMemoryAccess;
}

function forget(): void {
  found.ptr = 0;
  found.size = 0;
}

export function getProperty(path: Span): Status {
  forget();
  const out = changetype<usize>(found);
  return checked(proxy_get_property(path.ptr, path.size, out, out + offsetof<Span>("size")));
}

export function getRequestHeaders(): Status {
  forget();
  const out = changetype<usize>(found);
  return checked(proxy_get_header_map_pairs(REQUEST_HEADERS, out, out + offsetof<Span>("size")));
}

export function getResponseHeader(name: Span): Status {
  forget();
  const out = changetype<usize>(found);
  const outSize = out + offsetof<Span>("size");
  return checked(proxy_get_header_map_value(RESPONSE_HEADERS, name.ptr, name.size, out, outSize));
}

/** The header stands once then, with this value. */
export function replaceRequestHeader(
  name: usize,
  nameSize: u32,
  value: usize,
  valueSize: u32,
): Status {
  return <Status>proxy_replace_header_map_value(REQUEST_HEADERS, name, nameSize, value, valueSize);
}

export function replaceResponseHeader(name: Span, value: usize, valueSize: u32): Status {
  return <Status>(
    proxy_replace_header_map_value(RESPONSE_HEADERS, name.ptr, name.size, value, valueSize)
  );
}

export function getConfiguration(size: u32): Status {
  forget();
  if (size === 0) return Status.Ok;
  const out = changetype<usize>(found);
  return checked(
    proxy_get_buffer_bytes(PLUGIN_CONFIGURATION, 0, size, out, out + offsetof<Span>("size")),
  );
}

/** Microseconds since some fixed moment; 0 if the host has no clock. */
export function nowUs(): u64 {
  if (clock_time_get(MONOTONIC, 0, CELL) !== 0) return 0;
  return load<u64>(CELL) / 1000;
}

export function defineMetric(kind: MetricKind, name: usize, nameSize: u32): u32 {
  return proxy_define_metric(kind, name, nameSize, CELL) === 0 ? load<u32>(CELL) : NO_METRIC;
}

export function incrementMetric(id: u32, by: i64): void {
  if (id !== NO_METRIC) proxy_increment_metric(id, by);
}

export function recordMetric(id: u32, value: u64): void {
  if (id !== NO_METRIC) proxy_record_metric(id, value);
}

/** 0 for a metric that is not there. */
export function readMetric(id: u32): u64 {
  if (id === NO_METRIC || proxy_get_metric(id, CELL) !== 0) return 0;
  return load<u64>(CELL);
}

export function sendReply(status: u32, details: Span, body: Span, headers: Span): Status {
  return <Status>(
    proxy_send_local_response(
      status,
      details.ptr,
      details.size,
      body.ptr,
      body.size,
      headers.ptr,
      headers.size,
      GRPC_RESOURCE_EXHAUSTED,
    )
  );
}

export function setTickPeriod(periodMs: u32): void {
  proxy_set_tick_period_milliseconds(periodMs);
}

export function log(level: LogLevel, text: usize, size: u32): void {
  proxy_log(level, text, size);
}
