import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { benchSeeds, type SeededBench } from "../../bench/seeded.ts";
import { Children } from "../../src/cli/children.ts";
import { latenessReason } from "../../src/cli/demo/results.ts";
import { projectRoot } from "../support/project-root.ts";

interface Run {
  readonly variant: string;
  readonly lateMs: number;
}

const NAME = "guard-of-late-loads";

describe("seeded benchmark", () => {
  const children = new Children();
  const remove = () => {
    for (const seed of [1, 2]) {
      rmSync(join(projectRoot, "build/bench", `${NAME}-${seed}.json`), { force: true });
    }
  };
  beforeEach(remove);
  afterEach(remove);

  /** Its page's findings are how late each run was; `measured`: the seeds in their order. */
  function bench(lateMsOf: (seed: number) => number) {
    const measured: number[] = [];
    const seeded: SeededBench<Run> = {
      name: NAME,
      seeds: { short: [1], full: [1, 2] },
      own: ["ours"],
      peers: { short: [], full: [] },
      round: async (_children, { seed, variants }) => {
        measured.push(seed);
        return variants.map((variant) => ({ variant, lateMs: lateMsOf(seed) }));
      },
      voidReason: ({ lateMs }) => latenessReason(lateMs),
      page: (runs) => ({ setup: [], table: [], findings: runs.map(({ lateMs }) => `${lateMs}`) }),
    };
    return { seeded, measured };
  }

  it("keeps a round sent 3 ms late, neither keeps nor shows one sent 31 ms late, and measures that one again", async () => {
    const first = bench((seed) => (seed === 1 ? 31 : 3));
    const page = await benchSeeds(first.seeded, children, { isFull: true });
    assert.deepEqual(page.findings, ["3"]);

    const second = bench(() => 4);
    const whole = await benchSeeds(second.seeded, children, { isFull: true });
    assert.deepEqual(second.measured, [1]);
    assert.deepEqual(whole.findings, ["4", "3"]);
  });

  it("prints no page in the full form if every round was sent 31 ms late", async () => {
    const { seeded } = bench(() => 31);
    await assert.rejects(
      benchSeeds(seeded, children, { isFull: true }),
      /guard-of-late-loads: no seed is left that measured the mesh/,
    );
  });
});
