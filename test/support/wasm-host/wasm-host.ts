import { GuestMemory } from "./memory.ts";
import type { MetricStore } from "./metric-store.ts";
import { decodePairs, encodePairs, type Headers } from "./pairs.ts";

/**
 * One Wasm VM as Envoy 1.40 runs it, without Envoy: exactly the imports the filter may use, each checked. An import that is
 * not in the table, a pointer outside memory, a host call outside a callback, a second local reply and a metric nobody defined
 * are failures, not statuses. Time stands still until a test moves it.
 */
export class Clock {
  nowNs = 1_000_000_000n;

  advanceMs(ms: number): void {
    this.nowNs += BigInt(Math.round(ms * 1e6));
  }
}

export interface LocalReply {
  readonly status: number;
  readonly details: string;
  readonly body: string;
  readonly headers: Headers;
  readonly grpcStatus: number;
}

/** What a host call in progress belongs to. */
interface Frame {
  readonly rootId: string;
  readonly configuration?: Uint8Array;
  readonly stream?: Stream;
}

export interface StreamInput {
  readonly headers?: Headers;
  readonly properties?: Readonly<Record<string, string>>;
}

export interface Root {
  readonly id: number;
  readonly rootId: string;
  readonly isAccepted: boolean;
}

type Exports = Record<string, ((...args: number[]) => number) | undefined>;

const OK = 0;
const NOT_FOUND = 1;
const BAD_ARGUMENT = 2;
const INVALID_MEMORY_ACCESS = 6;

export class WasmHost {
  readonly logs: string[] = [];
  /** Host calls since the last `resetCalls`: those that return data, for which the guest must allocate, and the others. */
  calls = { data: 0, cheap: 0 };
  tickPeriodMs = 0;
  private readonly memory = new GuestMemory();
  private readonly exports: Exports;
  private readonly metricNames: string[] = [];
  private frame: Frame | undefined;
  private nextId = 1;

  constructor(
    module: WebAssembly.Module,
    private readonly metrics: MetricStore,
    readonly clock: Clock,
  ) {
    const instance = new WebAssembly.Instance(module, this.imports(module));
    this.exports = instance.exports as unknown as Exports;
    if (this.exports.proxy_abi_version_0_2_1 === undefined) throw new Error("no ABI marker");
    this.exports._initialize?.();
    this.memory.attach(instance.exports.memory as WebAssembly.Memory);
  }

  get memoryBytes(): number {
    return this.memory.bytes;
  }

  resetCalls(): void {
    this.calls = { data: 0, cheap: 0 };
  }

  /** A new root context, as on start and on every push; the one before lives on until `dropRoot`. */
  configure(configuration: Uint8Array, rootId = "shedding"): Root {
    const id = this.nextId++;
    const frame = { rootId, configuration };
    this.call(frame, "proxy_on_context_create", id, 0);
    this.call(frame, "proxy_on_vm_start", id, 0);
    const answer = this.call(frame, "proxy_on_configure", id, configuration.length);
    return { id, rootId, isAccepted: answer !== 0 };
  }

  dropRoot(root: Root): void {
    this.call({ rootId: root.rootId }, "proxy_on_done", root.id);
    this.call({ rootId: root.rootId }, "proxy_on_delete", root.id);
  }

  tick(root: Root): void {
    this.call({ rootId: root.rootId }, "proxy_on_tick", root.id);
  }

  open(root: Root, input: StreamInput = {}): Stream {
    const stream = new Stream(this, this.nextId++, root, input);
    this.call(stream.frame, "proxy_on_context_create", stream.id, root.id);
    return stream;
  }

  call(frame: Frame, name: string, ...args: number[]): number | undefined {
    const callback = this.exports[name];
    if (callback === undefined) return undefined;
    this.frame = frame;
    try {
      return callback(...args) ?? 0;
    } finally {
      this.frame = undefined;
    }
  }

  /** Runs an export by itself, as a hostile host might. */
  callRaw(name: string, ...args: number[]): number | undefined {
    return this.exports[name]?.(...args);
  }

  private imports(module: WebAssembly.Module): WebAssembly.Imports {
    const offered: Record<string, Record<string, (...args: never[]) => number>> = {
      env: this.env(),
      wasi_snapshot_preview1: { clock_time_get: this.clockTimeGet },
    };
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      if (offered[from]?.[name] === undefined) throw new Error(`unknown import ${from}.${name}`);
    }
    return offered as WebAssembly.Imports;
  }

  private readonly clockTimeGet = (clock: number, _precision: bigint, out: number): number => {
    this.enter("cheap");
    if (clock !== 1) throw new Error(`clock ${clock} is not the monotonic one`);
    this.memory.writeU64(out, this.clock.nowNs);
    return OK;
  };

  private env(): Record<string, (...args: never[]) => number> {
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
        size: number,
        ptr: number,
        len: number,
      ) => {
        const headers = this.requestHeaders(map);
        const name = this.memory.text(key, size);
        const found = headers.find(([present]) => present === name);
        return found === undefined
          ? NOT_FOUND
          : this.give(Buffer.from(found[1], "latin1"), ptr, len);
      },
      proxy_get_header_map_pairs: (map: number, ptr: number, len: number) =>
        this.give(encodePairs(this.requestHeaders(map)), ptr, len),
      ...this.metricCalls(),
      proxy_send_local_response: this.sendLocalResponse,
    };
  }

  private metricCalls(): Record<string, (...args: never[]) => number> {
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
    this.calls[cost]++;
    return this.frame;
  }

  private requestHeaders(map: number): Headers {
    const { stream } = this.enter("data");
    if (map !== 0 || stream === undefined) throw new Error(`header map ${map} is not there`);
    return stream.input.headers ?? [];
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
      ptr = this.exports.proxy_on_memory_allocate?.(data.length) ?? 0;
      if (ptr === 0) return INVALID_MEMORY_ACCESS;
      this.memory.write(ptr, data);
    }
    this.memory.writeU32(ptrOut, ptr);
    this.memory.writeU32(sizeOut, data.length);
    return OK;
  }
}

/** One HTTP stream: a test calls its phases in the order it wants to show. */
export class Stream {
  reply: LocalReply | undefined;
  /** `response.flags`, 8 bytes; absent while the response has not begun. */
  flags: Uint8Array | undefined;
  readonly frame: Frame;

  constructor(
    private readonly host: WasmHost,
    readonly id: number,
    root: Root,
    readonly input: StreamInput,
  ) {
    this.frame = { rootId: root.rootId, stream: this };
  }

  /** Whether the request goes on to the upstream. */
  request(): boolean {
    const count = this.input.headers?.length ?? 0;
    this.host.call(this.frame, "proxy_on_request_headers", this.id, count, 1);
    return this.reply === undefined;
  }

  response(headerCount = 8, flags = 0n): void {
    this.flags = new Uint8Array(new BigUint64Array([flags]).buffer);
    this.host.call(this.frame, "proxy_on_response_headers", this.id, headerCount, 0);
  }

  log(): void {
    this.host.call(this.frame, "proxy_on_log", this.id);
  }

  done(): void {
    this.host.call(this.frame, "proxy_on_done", this.id);
    this.host.call(this.frame, "proxy_on_delete", this.id);
  }

  /** Log, done, delete: the order Envoy keeps. */
  end(): void {
    this.log();
    this.done();
  }
}
