import { Agent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ask } from "../traffic.ts";
import { type FilterEnvoy, startFilterEnvoy } from "./filter-envoy.ts";

/** A filter that traps on one kind of request (`wasm-filter/assembly/poison.ts`), with the failure policy we push. */
const POISON_WASM = fileURLToPath(new URL("../../../../build/poison.wasm", import.meta.url));
const GOOD_EVERY_MS = 5;
/** Not a multiple of the above: a trap falls on any moment between good requests. */
const POISON_EVERY_MS = 201;

export interface PoisonResult {
  readonly good: number;
  /** Good ones that were not answered 200. */
  readonly lost: number;
  readonly poison: number;
  /** How many by status. */
  readonly statuses: ReadonlyMap<string, number>;
}

/**
 * 200 good requests a second to a service of `serviceMs` beside 5 that trap, 2 workers. Envoy ends what is in flight in a VM
 * that dies, so the share that is lost is about 5 / s times the time in flight, divided by the workers.
 */
export async function poison({
  seconds,
  serviceMs,
}: {
  seconds: number;
  serviceMs: number;
}): Promise<PoisonResult> {
  const mesh = await startFilterEnvoy({ wasm: POISON_WASM, serviceMs });
  try {
    return await send(mesh, seconds);
  } finally {
    await mesh.stop();
  }
}

async function send({ port }: FilterEnvoy, seconds: number): Promise<PoisonResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const [good, bad] = await Promise.all([
    repeat(GOOD_EVERY_MS, seconds, () => ask(port, { agent })),
    repeat(POISON_EVERY_MS, seconds, () => ask(port, { headers: { "grpc-timeout": "poison" } })),
  ]);
  agent.destroy();
  const statuses = new Map<string, number>();
  for (const { status } of good) statuses.set(status, (statuses.get(status) ?? 0) + 1);
  const lost = good.length - (statuses.get("200") ?? 0);
  return { good: good.length, lost, poison: bad.length, statuses };
}

/** Open loop: does not wait for answers, catches up with what a late timer owes, half a period out of step with the start. */
async function repeat<T>(everyMs: number, seconds: number, job: () => Promise<T>): Promise<T[]> {
  const jobs: Promise<T>[] = [];
  const start = performance.now() + everyMs / 2;
  for (let now = start; now - start < seconds * 1000; now = performance.now()) {
    while (jobs.length < (now - start) / everyMs) jobs.push(job());
    await sleep(everyMs - ((performance.now() - start) % everyMs));
  }
  return Promise.all(jobs);
}
