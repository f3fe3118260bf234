import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Backend } from "../backend.ts";
import { Random } from "../fuzz/random.ts";
import { getJson, listenerPort, Mesh, until } from "../mesh.ts";
import { ask, type Outcome, startTraffic } from "../traffic.ts";
import { PATHS, RandomIntent } from "./random-intent.ts";

/**
 * Make before break on one real Envoy: random sequences of changes of services and routes under load, one change soon
 * after the other, often while the one before is still on its way. After every sequence each path answers from a backend
 * of the newest intent.
 */
export interface SequencesResult {
  readonly changes: number;
  readonly requests: number;
  readonly failed: number;
  readonly byStatus: ReadonlyMap<string, number>;
  /** The last changes before a request failed, in words. */
  readonly suspects: readonly string[];
}

const CHANGES_PER_SEQUENCE = 5;

/** Around the 50 ms for which the control plane waits for quiet. */
const MAX_PAUSE_MS = 120;

const BACKENDS = 4;

export async function runSequences(options: {
  readonly sequences: number;
  readonly seed: number;
}): Promise<SequencesResult> {
  const mesh = new Mesh();
  const names = Array.from({ length: BACKENDS }, (_, i) => `b${i}`);
  const backends = await Promise.all(names.map((name) => Backend.start(name)));
  try {
    return await new Run(mesh, backends, options.seed).run(options.sequences);
  } finally {
    await mesh.stop();
    for (const backend of backends) backend.stop();
  }
}

class Run {
  readonly #intent: RandomIntent;
  readonly #random: Random;
  readonly #names: ReadonlyMap<number, string>;
  #port = 0;
  #changes: string[] = [];

  constructor(
    private readonly mesh: Mesh,
    backends: readonly Backend[],
    seed: number,
  ) {
    this.#intent = new RandomIntent(
      seed,
      backends.map(({ port }) => port),
    );
    this.#random = new Random(seed + 1);
    this.#names = new Map(backends.map(({ port }, i) => [port, `b${i}`]));
  }

  async run(sequences: number): Promise<SequencesResult> {
    this.#write();
    await this.mesh.startServe();
    this.#port = await listenerPort(await this.mesh.startEnvoy("edge-1"), "edge_0");
    await this.#converged();
    const traffic = PATHS.map((path) => startTraffic(this.#port, 1, path));
    const failed = () => sum(traffic.map(({ outcome }) => failuresOf(outcome)));
    let suspects: readonly string[] = [];
    for (let i = 0; i < sequences; i++) {
      for (let k = 0; k < CHANGES_PER_SEQUENCE; k++) await this.#change();
      await this.#converged();
      if (failed() > 0 && suspects.length === 0) suspects = this.#changes.slice(-12);
    }
    const outcomes = await Promise.all(traffic.map((each) => each.stop()));
    return {
      changes: this.#changes.length,
      requests: sum(outcomes.map(({ total }) => total)),
      failed: failed(),
      byStatus: merge(outcomes),
      suspects,
    };
  }

  async #change(): Promise<void> {
    this.#changes.push(this.#intent.change());
    this.#write();
    await sleep(this.#random.below(MAX_PAUSE_MS));
  }

  /** At once or not at all, so that no half of it is read. */
  #write(): void {
    const { folder } = this.mesh;
    writeFileSync(join(folder, ".next"), this.#intent.toYaml());
    renameSync(join(folder, ".next"), join(folder, "intent.yaml"));
  }

  async #converged(): Promise<void> {
    for (const path of PATHS) {
      const expected = [...this.#intent.backendsOf(path)].map((port) => this.#names.get(port));
      await until(
        `${path} to answer from ${expected.join()} as of ${this.#intent.revision}`,
        async () => {
          const { body, headers } = await ask(this.#port, { path });
          return expected.includes(body) && headers["x-revision"] === `${this.#intent.revision}`;
        },
      );
    }
    await until("all types in sync", async () => {
      const { nodes } = (await getJson(`http://127.0.0.1:${this.mesh.ports.http}/proxies`)) as {
        nodes: readonly { types: readonly { state: string }[] }[];
      };
      return nodes[0]?.types.every(({ state }) => state === "SYNCED");
    });
  }
}

function failuresOf({ total, byStatus }: Outcome): number {
  return total - (byStatus.get("200") ?? 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

function merge(outcomes: readonly Outcome[]): Map<string, number> {
  const all = new Map<string, number>();
  for (const { byStatus } of outcomes) {
    for (const [status, count] of byStatus) all.set(status, (all.get(status) ?? 0) + count);
  }
  return all;
}
