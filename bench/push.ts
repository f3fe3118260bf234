import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Children } from "../src/cli/children.ts";
import { capacityRps, DEADLINE_MS, TIERS } from "../src/cli/demo/plan.ts";
import { runLoad, startService } from "../src/cli/demo/run.ts";
import { INTENT_DEBOUNCE_MS } from "../src/control/intent-source.ts";
import { type BenchMesh, startMesh } from "./mesh.ts";
import { verdict } from "./overload.ts";
import { type Page, quantile } from "./page.ts";

/**
 * From a changed file to the wire and to Envoy's ACK: the Shedding's limit is rewritten, and the control plane's own
 * events say when the response was written and when it was acknowledged. Idle, and at 80 % load.
 */
const SLOTS = 16;
const SLOT_MS = 20;
const SEED = 301;

export async function benchPush(
  children: Children,
  { isFull }: { isFull: boolean },
): Promise<Page> {
  const pushes = isFull ? 200 : 60;
  const service = await startService(children, { slots: SLOTS, slotMs: SLOT_MS });
  const mesh = await startMesh(children, { servicePort: service.port });
  const port = await mesh.envoy.listenerPort("edge_0");
  const idle = await measure(mesh, pushes);
  const rps = 0.8 * capacityRps(SLOTS, SLOT_MS);
  const seconds = pushes * 0.4;
  const load = runLoad(children, {
    port,
    phases: [{ seconds, rps }],
    tiers: TIERS,
    seed: SEED,
    deadlineMs: DEADLINE_MS,
  });
  const busy = await measure(mesh, pushes);
  const { phases } = await load;
  await mesh.plane.stop();
  const failed = (phases[0] ?? []).reduce((sum, tier) => sum + tier.failed, 0);
  const wire = quantile(
    [...idle, ...busy].map(({ wireMs }) => wireMs),
    0.99,
  );
  const ackIdle = quantile(
    idle.map(({ ackMs }) => ackMs),
    0.99,
  );
  const ackBusy = quantile(
    busy.map(({ ackMs }) => ackMs),
    0.99,
  );
  const line = (name: string, times: readonly Timing[]) => [
    name,
    ...[0.5, 0.99].map(
      (share) =>
        `${quantile(
          times.map((time) => time.wireMs),
          share,
        ).toFixed(1)} ms`,
    ),
    ...[0.5, 0.99].map(
      (share) =>
        `${quantile(
          times.map((time) => time.ackMs),
          share,
        ).toFixed(1)} ms`,
    ),
  ];
  return {
    setup: [
      `${pushes} pushes each, from the write of the file less the debounce of ${INTENT_DEBOUNCE_MS} ms; 2 Envoy workers; seed ${SEED}`,
      `requests that failed under load: ${failed}`,
    ],
    table: [
      ["", "wire p50", "wire p99", "ACK p50", "ACK p99"],
      line("idle", idle),
      line("80 % load", busy),
    ],
    findings: [
      `on the wire p99 ${wire.toFixed(1)} ms after the debounce (goal <= 50): ${verdict(wire <= 50)}`,
      `ACKed p99 ${ackIdle.toFixed(1)} ms idle (goal <= 100): ${verdict(ackIdle <= 100)}`,
      `ACKed p99 ${ackBusy.toFixed(1)} ms at 80 % load (goal <= 250): ${verdict(ackBusy <= 250)}`,
    ],
  };
}

interface Timing {
  readonly wireMs: number;
  readonly ackMs: number;
}

async function measure({ plane, file }: BenchMesh, pushes: number): Promise<Timing[]> {
  const original = readFileSync(file, "utf8");
  const times: Timing[] = [];
  for (let push = 0; push < pushes; push++) {
    const sent = plane.nextEvent("sent");
    const acked = plane.nextEvent("acked");
    const writtenMs = performance.now();
    writeFileSync(file, `${original.trimEnd()}\n  limit: {min: 4, max: ${500 + (push % 100)}}\n`);
    const startMs = writtenMs + INTENT_DEBOUNCE_MS;
    times.push({ wireMs: (await sent) - startMs, ackMs: (await acked) - startMs });
    await sleep(100);
  }
  writeFileSync(file, original);
  return times;
}
