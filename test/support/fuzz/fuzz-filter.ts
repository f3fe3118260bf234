import assert from "node:assert/strict";
import { FakeEnvoy } from "../wasm-host/fake-envoy.ts";
import { MetricStore } from "../wasm-host/metric-store.ts";
import type { Stream, StreamInput } from "../wasm-host/stream.ts";
import { Random } from "./random.ts";
import { damagedConfig, randomConfig } from "./random-config.ts";
import { randomInput } from "./random-input.ts";

/**
 * Anything a host, a client or an operator can do to the filter, in any order. It must never trap nor touch memory that is
 * not its own (the host throws), must use bounded memory, and once every stream has ended nothing may be in flight.
 */
const STEPS = 20_000;
const INPUTS = 200;
const MOST_OPEN = 300;
/** Two ledgers with 1024 tenants each, the slab, the arena and the largest configurations. */
const MOST_MEMORY_BYTES = 2 * 1024 * 1024;

/** One Envoy's life; the answer is how many callbacks ran. */
export function fuzzFilter(seed: number): number {
  return new Life(new Random(seed)).run();
}

class Life {
  private readonly envoy: FakeEnvoy;
  private readonly inputs: StreamInput[];
  private readonly open: Stream[] = [];

  constructor(private readonly random: Random) {
    const isKept = random.pick([() => true, () => true, () => false]);
    const workers = 1 + random.below(3);
    this.envoy = new FakeEnvoy(randomConfig(random), new MetricStore(isKept), workers);
    this.inputs = Array.from({ length: INPUTS }, () => randomInput(random));
  }

  run(): number {
    for (let step = 0; step < STEPS; step++) this.step();
    while (this.open.length > 0) this.end(this.open.pop()!);
    // Ghosts last 10 s at most; the first of two ticks may be one of a clock that ran back.
    for (let i = 0; i < 2; i++) this.envoy.tick(11_000);
    for (const name of ["shop.inflight", "shop.exempt", "pay.inflight", "pay.exempt"]) {
      assert.equal(this.envoy.value(name), 0, name);
    }
    for (const { memoryBytes } of this.envoy.workers) {
      assert.ok(memoryBytes <= MOST_MEMORY_BYTES, `${memoryBytes} bytes`);
    }
    return this.envoy.workers.reduce((sum, worker) => sum + worker.callbacks, 0);
  }

  private step(): void {
    const { random, open } = this;
    const dice = random.below(1000);
    if (dice < 400) this.start();
    else if (dice < 900 && open.length > 0) this.advance(random.below(open.length));
    else if (dice < 960) this.envoy.clock.advanceMs(random.below(50));
    else if (dice < 985) this.envoy.tick(random.below(150));
    else if (dice < 990) this.disturb();
  }

  private start(): void {
    const { random, envoy } = this;
    if (this.open.length >= MOST_OPEN) this.end(this.open.shift()!);
    const stream = envoy.open(random.pick(this.inputs), random.below(envoy.workers.length));
    this.open.push(stream);
    if (random.chance(0.9)) stream.request();
  }

  /** A callback that may come too early, too late or twice. */
  private advance(index: number): void {
    const stream = this.open[index]!;
    const dice = this.random.below(10);
    if (dice < 5) stream.response(this.random.below(12), BigInt(this.random.below(2)));
    else if (dice < 6) stream.log();
    else if (dice < 7) stream.done();
    else this.end(this.open.splice(index, 1)[0]!);
  }

  private end(stream: Stream): void {
    if (this.random.chance(0.5)) stream.response();
    stream.end();
  }

  private disturb(): void {
    const { random, envoy } = this;
    const worker = random.pick(envoy.workers);
    const dice = random.below(5);
    if (dice === 0) envoy.push(randomConfig(random));
    else if (dice === 1) worker.dropRoot(worker.configure(damagedConfig(random)));
    else if (dice === 2) envoy.clock.advanceMs(-random.below(5000));
    else if (dice === 3) envoy.metrics.resetCounters();
    else worker.callRaw("proxy_on_memory_allocate", random.below(2 ** 32) | 0);
  }
}
