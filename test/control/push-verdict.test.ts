import assert from "node:assert/strict";
import { pushVerdict } from "../../src/control/push-verdict.ts";
import { whyNotOn } from "../../src/decide/stats/canary-push.ts";
import type { EvidenceSnapshot, NodeEvidence } from "../../src/evidence/snapshot.ts";

describe("what requests say of a change that canaries have", () => {
  for (const { canaries, others, holds } of [
    { canaries: [0, 0], others: [0, 0], holds: false },
    { canaries: [100, 0], others: [1000, 0], holds: false },
    { canaries: [100, 2], others: [1000, 10], holds: false },
    { canaries: [100, 20], others: [1000, 10], holds: true },
    { canaries: [20, 20], others: [0, 0], holds: true },
    { canaries: [100, 50], others: [1000, 500], holds: false },
    { canaries: [200, 199], others: [1000, 400], holds: true },
  ] as const) {
    const [requests, errors] = canaries;
    it(`${errors} of ${requests} beside ${others[1]} of ${others[0]}: ${holds ? "hold" : "nothing"}`, () => {
      const why = whyNotOn({ requests, errors }, { requests: others[0], errors: others[1] });

      assert.equal(why !== undefined, holds, why);
    });
  }

  function node(id: string, { errors, ageMs = 0 }: { errors: number; ageMs?: number }) {
    const cluster = { requestRps: 20, error5xxRps: errors, inflight: 0, connections: 1 };
    const node: Partial<NodeEvidence> = {
      ...{ node: id, role: "gateway/edge", state: "ok", ageMs, windowMs: 5000 },
      clusters: [{ cluster: "shop", ...cluster }],
    };
    return node as NodeEvidence;
  }

  const trial = { key: "gateway/edge", canaries: new Set(["a"]), of: 2, sinceMs: 1000 };
  const seen = (nowMs: number): EvidenceSnapshot => ({
    nowMs,
    nodes: [node("a", { errors: 20 }), node("b", { errors: 0 })],
  });

  it("counts nothing of a canary before its 5 s of report began after the change", () => {
    assert.equal(pushVerdict(trial, seen(5900)), "yes");
    assert.notEqual(pushVerdict(trial, seen(6000)), "yes");
  });
});
