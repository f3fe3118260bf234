import { type Clock, HostCalls } from "./host-calls.ts";
import { GuestMemory } from "./memory.ts";
import type { MetricStore } from "./metric-store.ts";
import { type Call, Stream, type StreamInput } from "./stream.ts";

/**
 * One Wasm VM as Envoy 1.40 runs it, without Envoy: exactly the imports the filter may use, each checked. An import that is
 * not in the table, a pointer outside memory, a host call outside a callback, a second local reply and a metric nobody defined
 * are failures, not statuses.
 */
export interface Root {
  readonly id: number;
  readonly rootId: string;
  readonly isAccepted: boolean;
}

type Exports = Record<string, ((...args: number[]) => number) | undefined>;

export class WasmHost {
  private readonly memory = new GuestMemory();
  private readonly host: HostCalls;
  private readonly exports: Exports;
  private nextId = 1;
  /** Run so far. */
  callbacks = 0;

  constructor(module: WebAssembly.Module, metrics: MetricStore, clock: Clock) {
    this.host = new HostCalls(this.memory, metrics, clock);
    const instance = new WebAssembly.Instance(module, this.host.importsOf(module));
    this.exports = instance.exports as unknown as Exports;
    if (this.exports.proxy_abi_version_0_2_1 === undefined) throw new Error("no ABI marker");
    this.exports._initialize?.();
    this.memory.attach(instance.exports.memory as WebAssembly.Memory);
    this.host.allocate = (size) => this.callRaw("proxy_on_memory_allocate", size) ?? 0;
  }

  get memoryBytes(): number {
    return this.memory.bytes;
  }

  get logs(): readonly string[] {
    return this.host.logs;
  }

  get tickPeriodMs(): number {
    return this.host.tickPeriodMs;
  }

  /** Host calls since the last `resetCalls`. */
  get calls(): { readonly data: number; readonly cheap: number } {
    return this.host.counts;
  }

  resetCalls(): void {
    this.host.counts = { data: 0, cheap: 0 };
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
    return new Stream(this.call, this.nextId++, root, input);
  }

  readonly call: Call = (frame, name, ...args) => {
    const callback = this.exports[name];
    if (callback === undefined) return undefined;
    this.host.frame = frame;
    this.callbacks++;
    try {
      return callback(...args) ?? 0;
    } finally {
      this.host.frame = undefined;
    }
  };

  /** Runs an export by itself, as a hostile host might. */
  callRaw(name: string, ...args: number[]): number | undefined {
    return this.exports[name]?.(...args);
  }
}
