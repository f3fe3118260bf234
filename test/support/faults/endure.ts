import { FakeEnvoy } from "../wasm-host/fake-envoy.ts";
import { config, scope } from "../wasm-host/filter-config.ts";
import type { Stream, StreamInput } from "../wasm-host/stream.ts";

const WIDE = { limit: { min: 100_000, max: 100_000, initial: 100_000 } };
const OPEN_AT_ONCE = 1000;

/** `streams` requests through the built filter, 1000 in flight at a time; the last 1000 get no answer. */
export function endure(streams: number): {
  readonly grownBytes: number;
  readonly envoy: FakeEnvoy;
} {
  const envoy = new FakeEnvoy(config(scope(WIDE)));
  const ring: (Stream | undefined)[] = new Array(OPEN_AT_ONCE);
  const input: StreamInput = { headers: [["x-criticality", "critical"]] };
  const before = envoy.worker.memoryBytes;
  for (let i = 0; i < streams; i++) {
    const slot = i % ring.length;
    ring[slot]?.response();
    ring[slot]?.end();
    const stream = envoy.open(input);
    stream.request();
    ring[slot] = stream;
    if (i % 1000 === 0) envoy.tick();
  }
  for (const stream of ring) stream?.end();
  // Those that got no answer stay charged for the usual time at most.
  envoy.tick();
  envoy.tick();
  return { grownBytes: envoy.worker.memoryBytes - before, envoy };
}
