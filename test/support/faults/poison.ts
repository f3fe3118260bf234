import { Agent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { envoyStat, until } from "../mesh.ts";
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
  /** Times a worker loaded the filter anew. */
  readonly reloads: number;
  /** Of 100 requests one by one when the load had ended and none was in flight: how many by status. */
  readonly after: ReadonlyMap<string, number>;
}

const AFTER = 100;

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

async function send({ port, envoy }: FilterEnvoy, seconds: number): Promise<PoisonResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const [good, bad] = await Promise.all([
    repeat(GOOD_EVERY_MS, seconds, () => ask(port, { agent })),
    repeat(POISON_EVERY_MS, seconds, () => ask(port, { headers: { "grpc-timeout": "poison" } })),
  ]);
  agent.destroy();
  const statuses = countByStatus(good);
  const lost = good.length - (statuses.get("200") ?? 0);
  await until("none in flight", async () => (await inflight(envoy)) === 0);
  const after = [];
  for (let i = 0; i < AFTER; i++) after.push(await ask(port));
  const reloads = (await envoyStat(envoy, "wasm.qmesh.shedding.vm_reload_success")) ?? 0;
  return {
    ...{ good: good.length, lost, poison: bad.length, statuses },
    ...{ reloads, after: countByStatus(after) },
  };
}

/** What a dead VM left behind in the gauge is not in flight. */
async function inflight(envoy: FilterEnvoy["envoy"]): Promise<number> {
  const [all = 0, leaked = 0] = await Promise.all(
    ["inflight", "leaked"].map((name) => envoyStat(envoy, `wasmcustom.qmesh.shop.${name}`)),
  );
  return all - leaked;
}

function countByStatus(answers: readonly { status: string }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { status } of answers) counts.set(status, (counts.get(status) ?? 0) + 1);
  return counts;
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
