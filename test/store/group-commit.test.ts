import assert from "node:assert/strict";
import { GROUP_ROWS, GroupCommit } from "../../src/store/group-commit.ts";

function rig() {
  const commits: number[] = [];
  const group = new GroupCommit({
    nowMs: () => 0,
    commit: (writes) => {
      commits.push(writes.reduce((sum, { rows }) => sum + rows, 0));
      for (const write of writes) write.settle(undefined);
    },
  });
  const add = (rows: number) =>
    new Promise<void>((resolve) =>
      group.add({ rows, apply: () => undefined, settle: () => resolve() }),
    );
  return { commits, group, add };
}

describe("GroupCommit", () => {
  it("commits 30 writes of one turn of the loop together", async () => {
    const { commits, add } = rig();

    await Promise.all(Array.from({ length: 30 }, () => add(1)));

    assert.deepEqual(commits, [30]);
  });

  it(`commits at once when ${GROUP_ROWS} rows wait`, () => {
    const { commits, group, add } = rig();

    for (let i = 0; i < 5; i++) void add(GROUP_ROWS / 2);
    assert.deepEqual(commits, [GROUP_ROWS, GROUP_ROWS]);
    group.flush();
    group.flush();

    assert.deepEqual(commits, [GROUP_ROWS, GROUP_ROWS, GROUP_ROWS / 2]);
  });
});
