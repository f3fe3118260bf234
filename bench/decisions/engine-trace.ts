import type { Order } from "../../src/decide/engine/order.ts";
import { EMPTY_STATE } from "../../src/decide/engine/state.ts";
import { step } from "../../src/decide/engine/step.ts";
import { type EngineTraceLine, stateDigest } from "../../src/decide/replay/engine-replay.ts";
import { listening } from "../../src/decide/replay/node-lists.ts";
import { SLOW_MS } from "../../src/evidence/evidence.ts";
import { EvidenceLedger } from "../../src/evidence/ledger.ts";
import { formatProblem } from "../../src/policy/format.ts";
import { parseIntent } from "../../src/policy/parse.ts";
import type { PolicySet } from "../../src/policy/policy-set.ts";
import { Random } from "../law/random.ts";

/**
 * What `serve --capture` would have written of a mesh whose traffic is made up: services in two versions of which the canary fails
 * more often, a signal that rises and falls, people's orders, a counter reset, a push of our own. Drawn from a seed, so that the
 * same call gives the same bytes.
 */
export interface MadeUpMesh {
  readonly policySet: PolicySet;
  readonly ticks: number;
  readonly seed: number;
  /** Requests a second of each service. */
  readonly rps: number;
  /** Envoys in front of every service; absent: nobody knows of any. */
  readonly nodes?: readonly string[];
}

const START = 1_800_000_000;

export function* engineTrace({
  policySet,
  ticks,
  seed,
  rps,
  nodes = [],
}: MadeUpMesh): Iterable<EngineTraceLine> {
  const lines: EngineTraceLine[] = [];
  const ledger = new EvidenceLedger((event) => void lines.push(event));
  const random = new Random(seed);
  const draw = () => random.next();
  for (const adapter of policySet.adapters) {
    if (adapter.kind !== "signals") continue;
    for (const { name, maxAgeSeconds } of adapter.signals)
      ledger.signals.declare(name, maxAgeSeconds);
  }
  ledger.advance(START);
  let state = EMPTY_STATE;
  yield* lines.splice(0);
  yield { kind: "start", version: 1, state };
  yield { kind: "intent", policySet };
  for (let tick = START + 1; tick <= START + ticks; tick++) {
    const second = tick - START;
    for (const { name: service, versions } of policySet.services) {
      const percent = Object.values(state.rollouts)[0]?.percent ?? 0;
      for (const [at, { name: version }] of versions.entries()) {
        const share = versions.length === 1 ? 1 : at === 0 ? 1 - percent / 100 : percent / 100;
        const requests = Math.round(rps * share * (0.8 + 0.4 * draw()));
        const errors = at === 0 ? Number(draw() < requests * 0.002) : Math.round(requests * 0.1);
        const slow = SLOW_MS.map((edge) => (edge < 20 ? requests : edge < 100 ? errors : 0));
        ledger.observe({ service, version }, { requests, errors, slow, timed: requests });
      }
      ledger.observe({ service, locality: "eu/a" }, { requests: rps, errors: 0 });
      ledger.observe({ service, tenant: `t${Math.floor(draw() * 5)}` }, { requests: 1, errors: 0 });
      if (second % 300 === 299) ledger.voidService(service, 2);
    }
    const wave = 0.1 + 0.09 * Math.sin((2 * Math.PI * second) / 600);
    ledger.signals.add("db.latency.p95", tick - 1, wave + 0.01 * draw());
    ledger.advance(tick);
    yield* lines.splice(0);
    const orders = ordersAt(second);
    const { nodesOf, heard } = listening(() => nodes);
    const evidence = ledger.evidence(tick);
    const turn = step(state, { policySet, evidence, tick, orders, nodesOf });
    const mesh = Object.keys(heard).length > 0 ? { mesh: { nodes: { ...heard } } } : {};
    state = turn.state;
    const isChecked = turn.records.length > 0 || tick % 60 === 0;
    const digest = isChecked ? { state: stateDigest(state) } : {};
    yield { kind: "turn", tick, orders, ...mesh, records: turn.records, ...digest };
  }
}

/** Frozen for a minute in the middle of it. */
function ordersAt(second: number): readonly Order[] {
  const by = { by: "alice", roles: ["sre"], reason: "looking" };
  if (second === 400) return [{ ...by, what: { kind: "freeze" } }];
  return second === 460 ? [{ ...by, what: { kind: "unfreeze" } }] : [];
}

export function setOf(text: string): PolicySet {
  const parsed = parseIntent([{ file: "intent.yaml", text }], (_file, path) => ({
    ok: true,
    absolutePath: `/${path}`,
    text: "0123456789abcdef",
  }));
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join("\n"));
  return parsed.value;
}
