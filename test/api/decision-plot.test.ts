import assert from "node:assert/strict";
import { plotOf } from "../../src/api/decision-plot.ts";
import { History } from "../../src/api/history.ts";
import type { DecisionView } from "../../src/api/view/decision.ts";

const DECIDED = 1_800_000_000;

/** v2 fails half of its requests from a minute before the decision on. */
function historyOf(from: number, to: number): History {
  const history = new History();
  for (let second = DECIDED + from; second < DECIDED + to; second++) {
    const points = new Map([
      ["cluster/pay.v1/requestRps", 90],
      ["cluster/pay.v1/error5xxRps", 0],
      ["cluster/pay.v2/requestRps", 10],
      ["cluster/pay.v2/error5xxRps", second < DECIDED - 60 ? 0 : 5],
      ["cluster/payroll.v1/requestRps", 1],
    ]);
    history.add(second, points);
  }
  return history;
}

function decision(service?: string): DecisionView {
  return {
    ...{ id: "d", at: new Date(DECIDED * 1000).toISOString(), kind: "decision", actor: "engine" },
    ...{ subject: { kind: "Rollout", name: "pay" }, verdict: "roll back", because: [] },
    ...(service !== undefined && { service }),
  };
}

describe("plot of a decision", () => {
  it("shows the errors of both versions from 5 minutes before to 1 minute after", () => {
    const { plot } = plotOf(decision("pay"), historyOf(-400, 200));

    assert.equal(plot?.times[0], DECIDED - 300);
    assert.equal(plot?.times.at(-1), DECIDED + 60);
    assert.deepEqual(
      plot?.lines.map(({ name, values }) => [name, values[0], values.at(-1)]),
      [
        ["errors of v1, %", 0, 0],
        ["errors of v2, %", 0, 50],
      ],
    );
  });

  it("has none where nothing is known: no service, no traffic, or forgotten", () => {
    assert.deepEqual(plotOf(decision(), historyOf(-400, 200)), {});
    assert.deepEqual(plotOf(decision("search"), historyOf(-400, 200)), {});
    assert.deepEqual(plotOf(decision("pay"), historyOf(3600, 3700)), {});
    assert.deepEqual(plotOf(decision("pay"), new History()), {});
  });
});
