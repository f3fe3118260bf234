import type { GuestMemory } from "./memory.ts";
import type { MetricStore } from "./metric-store.ts";
import { decodePairs } from "./pairs.ts";
import type { Frame, Stream } from "./stream.ts";

/** Stands still until a test moves it; begins far enough from 0 to be moved back. */
export class Clock {
  nowNs = 100_000_000_000_000n;

  advanceMs(ms: number): void {
    this.nowNs += BigInt(Math.round(ms * 1e6));
  }
}

type HostCall = (...args: never[]) => number;

const OK = 0;
const NOT_FOUND = 1;
const BAD_ARGUMENT = 2;
const INVALID_MEMORY_ACCESS = 6;

/** The host's side of the boundary for one VM: the calls, what they cost and what they left behind. */
export class HostCalls {
  readonly logs: string[] = [];
  /** Calls so far: those that return data, for which the guest must allocate, and the others. */
  counts = { data: 0, cheap: 0 };
  tickPeriodMs = 0;
  /** Set while a callback runs. */
  frame: Frame | undefined;
  /** The guest's allocator; 0 is a refusal. */
  allocate: (size: number) => number = () => 0;
  private readonly metricNames: string[] = [];

  constructor(
    private readonly memory: GuestMemory,
    private readonly metrics: MetricStore,
    private readonly clock: Clock,
  ) {}

  /** The imports of a module; one that is not offered fails the load. */
  importsOf(module: WebAssembly.Module): WebAssembly.Imports {
    const offered: Record<string, Record<string, HostCall>> = {
      env: this.env(),
      wasi_snapshot_preview1: { clock_time_get: this.clockTimeGet },
    };
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      if (offered[from]?.[name] === undefined) throw new Error(`unknown import ${from}.${name}`);
    }
    return offered;
  }

  private readonly clockTimeGet = (clock: number, _precision: bigint, out: number): number => {
    this.enter("cheap");
    if (clock !== 1) throw new Error(`clock ${clock} is not the monotonic one`);
    this.memory.writeU64(out, this.clock.nowNs);
    return OK;
  };

  private env(): Record<string, HostCall> {
    return {
      proxy_log: (_level: number, ptr: number, size: number) => {
        this.enter("cheap");
        this.logs.push(this.memory.text(ptr, size));
        return OK;
      },
      proxy_set_tick_period_milliseconds: (periodMs: number) => {
        this.enter("cheap");
        this.tickPeriodMs = periodMs;
        return OK;
      },
      proxy_get_buffer_bytes: (
        kind: number,
        start: number,
        size: number,
        ptr: number,
        len: number,
      ) => {
        const { configuration } = this.enter("data");
        if (kind !== 7 || configuration === undefined) return NOT_FOUND;
        return this.give(configuration.subarray(start, start + size), ptr, len);
      },
      proxy_get_property: (path: number, size: number, ptr: number, len: number) => {
        const value = this.property(this.enter("data"), this.memory.text(path, size));
        return value === undefined ? NOT_FOUND : this.give(value, ptr, len);
      },
      proxy_get_header_map_value: (
        map: number,
        key: number,
        keySize: number,
        ptr: number,
        len: number,
      ) => {
        if (map !== 2) throw new Error(`one header of map ${map} is not read`);
        const value = this.streamOf(map, "data").responseHeader(this.memory.text(key, keySize));
        return value === undefined ? NOT_FOUND : this.give(Buffer.from(value, "latin1"), ptr, len);
      },
      proxy_get_header_map_pairs: (map: number, ptr: number, len: number) =>
        this.give(this.requestOf(map).pairs(), ptr, len),
      proxy_replace_header_map_value: (
        map: number,
        key: number,
        keySize: number,
        value: number,
        valueSize: number,
      ) => {
        const name = this.memory.text(key, keySize);
        this.streamOf(map, "cheap").replaceHeader(map, name, this.memory.text(value, valueSize));
        return OK;
      },
      ...this.metricCalls(),
      proxy_send_local_response: this.sendLocalResponse,
    };
  }

  private metricCalls(): Record<string, HostCall> {
    return {
      proxy_define_metric: (kind: number, ptr: number, size: number, out: number) => {
        this.enter("cheap");
        const name = this.memory.text(ptr, size);
        if (!/^qmesh(\.[a-z0-9_-]+)+$/.test(name)) throw new Error(`metric name ${name}`);
        this.metrics.define(kind === 1 ? "gauge" : "counter", name);
        this.metricNames.push(name);
        this.memory.writeU32(out, this.metricNames.length * 4 + kind);
        return OK;
      },
      proxy_increment_metric: (id: number, by: bigint) => {
        this.enter("cheap");
        return this.metrics.increment(this.metricName(id), by) ? OK : BAD_ARGUMENT;
      },
      proxy_record_metric: (id: number, value: bigint) => {
        this.enter("cheap");
        return this.metrics.record(this.metricName(id), value) ? OK : BAD_ARGUMENT;
      },
      proxy_get_metric: (id: number, out: number) => {
        this.enter("cheap");
        this.memory.writeU64(out, this.metrics.read(this.metricName(id)));
        return OK;
      },
    };
  }

  private readonly sendLocalResponse = (
    status: number,
    details: number,
    detailsSize: number,
    body: number,
    bodySize: number,
    pairs: number,
    pairsSize: number,
    grpcStatus: number,
  ): number => {
    const { stream } = this.enter("cheap");
    if (stream === undefined) throw new Error("local reply without a stream");
    if (stream.reply !== undefined) throw new Error("second local reply");
    stream.reply = {
      status,
      details: this.memory.text(details, detailsSize),
      body: this.memory.text(body, bodySize),
      headers: decodePairs(this.memory.read(pairs, pairsSize)),
      grpcStatus,
    };
    return OK;
  };

  private enter(cost: "data" | "cheap"): Frame {
    if (this.frame === undefined) throw new Error("host call outside a callback");
    this.counts[cost]++;
    return this.frame;
  }

  private requestOf(map: number): Stream {
    if (map !== 0) throw new Error(`header map ${map} is not read`);
    return this.streamOf(map, "data");
  }

  /** Whose headers these are; a response's are there once it has begun. */
  private streamOf(map: number, cost: "data" | "cheap"): Stream {
    const { stream } = this.enter(cost);
    const isThere = map === 0 || (map === 2 && stream?.flags !== undefined);
    if (stream === undefined || !isThere) throw new Error(`header map ${map} is not there`);
    return stream;
  }

  private property(frame: Frame, path: string): Uint8Array | undefined {
    const name = path.replaceAll("\0", ".");
    if (name === "plugin_root_id") return Buffer.from(frame.rootId);
    if (name === "response.flags") return frame.stream?.flags;
    const value = frame.stream?.input.properties?.[name];
    return value === undefined ? undefined : Buffer.from(value, "latin1");
  }

  private metricName(id: number): string {
    const name = this.metricNames[Math.floor(id / 4) - 1];
    if (name === undefined) throw new Error(`metric ${id} is not defined in this VM`);
    return name;
  }

  /** Hands data over in memory the guest allocates, which it may refuse. */
  private give(data: Uint8Array, ptrOut: number, sizeOut: number): number {
    let ptr = 0;
    if (data.length > 0) {
      ptr = this.allocate(data.length);
      if (ptr === 0) return INVALID_MEMORY_ACCESS;
      this.memory.write(ptr, data);
    }
    this.memory.writeU32(ptrOut, ptr);
    this.memory.writeU32(sizeOut, data.length);
    return OK;
  }
}
