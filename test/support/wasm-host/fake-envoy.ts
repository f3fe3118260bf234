import { FILTER_MODULE } from "./filter-module.ts";
import { Clock } from "./host-calls.ts";
import { MetricStore } from "./metric-store.ts";
import type { Stream, StreamInput } from "./stream.ts";
import { type Root, WasmHost } from "./wasm-host.ts";

/** One Envoy with a filter in each worker: shared metrics, one clock, the same configuration everywhere. */
export class FakeEnvoy {
  readonly clock = new Clock();
  readonly workers: WasmHost[];
  roots: Root[] = [];

  constructor(
    configuration: Uint8Array,
    readonly metrics = new MetricStore(),
    workers = 1,
  ) {
    this.workers = Array.from({ length: workers }, () => this.newVm());
    this.push(configuration);
  }

  newVm(): WasmHost {
    return new WasmHost(FILTER_MODULE, this.metrics, this.clock);
  }

  get worker(): WasmHost {
    return this.workers[0]!;
  }

  get root(): Root {
    return this.roots[0]!;
  }

  /** What Envoy does with a new configuration: new roots first, then the old ones go. */
  push(configuration: Uint8Array): void {
    const old = this.roots;
    this.roots = this.workers.map((worker) => worker.configure(configuration));
    for (const { isAccepted } of this.roots) {
      if (!isAccepted) throw new Error(`refused: ${this.worker.logs.at(-1)}`);
    }
    old.forEach((root, i) => {
      this.workers[i]!.dropRoot(root);
    });
  }

  /** A worker's VM dies with all its streams and is made anew, as FAIL_RELOAD does. */
  reload(worker: number, configuration: Uint8Array): void {
    const vm = this.newVm();
    this.workers[worker] = vm;
    this.roots[worker] = vm.configure(configuration);
  }

  open(input: StreamInput = {}, worker = 0): Stream {
    return this.workers[worker]!.open(this.roots[worker]!, input);
  }

  /** One request answered after `rttMs`; whether it was admitted. */
  serve(input: StreamInput = {}, rttMs = 20): boolean {
    const stream = this.open(input);
    const isAdmitted = stream.request();
    if (isAdmitted) this.clock.advanceMs(rttMs);
    stream.response();
    stream.end();
    return isAdmitted;
  }

  tick(ms = 100): void {
    this.clock.advanceMs(ms);
    this.workers.forEach((worker, i) => {
      worker.tick(this.roots[i]!);
    });
  }

  /** So many requests in flight in other workers that any law sheds. */
  overload(scope = "shop"): void {
    this.metrics.increment(`qmesh.${scope}.inflight`, 1_000_000n);
  }

  relieve(scope = "shop"): void {
    this.metrics.increment(`qmesh.${scope}.inflight`, -1_000_000n);
  }

  value(name: string): number {
    return this.metrics.value(`qmesh.${name}`);
  }
}
