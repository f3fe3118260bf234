import { Agent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ask } from "../traffic.ts";
import { type FilterEnvoy, startFilterEnvoy } from "./filter-envoy.ts";

/** A filter that traps on one kind of request (`wasm-filter/assembly/poison.ts`), with the failure policy we push. */
const POISON_WASM = fileURLToPath(new URL("../../../../build/poison.wasm", import.meta.url));
const GOOD_EVERY_MS = 5;
const POISON_EVERY_MS = 200;

export interface PoisonResult {
  readonly good: number;
  /** Good ones that were not answered 200. */
  readonly lost: number;
  readonly poison: number;
  /** How many by status. */
  readonly statuses: ReadonlyMap<string, number>;
}

/** 200 good requests a second beside 5 that trap. */
export async function poison(seconds: number): Promise<PoisonResult> {
  const mesh = await startFilterEnvoy({ wasm: POISON_WASM });
  try {
    return await send(mesh, seconds);
  } finally {
    await mesh.stop();
  }
}

async function send({ port }: FilterEnvoy, seconds: number): Promise<PoisonResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const good: ReturnType<typeof ask>[] = [];
  const bad: ReturnType<typeof ask>[] = [];
  const start = performance.now();
  const dueOf = (everyMs: number) => Math.floor((performance.now() - start) / everyMs);
  while (performance.now() - start < seconds * 1000) {
    while (good.length < dueOf(GOOD_EVERY_MS)) good.push(ask(port, { agent }));
    while (bad.length < dueOf(POISON_EVERY_MS)) {
      bad.push(ask(port, { headers: { "grpc-timeout": "poison" } }));
    }
    await sleep(GOOD_EVERY_MS);
  }
  const statuses = new Map<string, number>();
  for (const { status } of await Promise.all(good)) {
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  await Promise.all(bad);
  agent.destroy();
  const lost = good.length - (statuses.get("200") ?? 0);
  return { good: good.length, lost, poison: bad.length, statuses };
}
