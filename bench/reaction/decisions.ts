import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { fetchAnswer } from "../../src/api/client.ts";
import { type DecisionView, decisionView } from "../../src/api/view/decision.ts";
import { Random } from "../law/random.ts";
import { documentsOf } from "./backend.ts";

/** What the control plane has decided, newest first. */
export async function decided(http: number): Promise<readonly DecisionView[]> {
  const answer = await fetchAnswer(
    { server: `127.0.0.1:${http}` },
    "/v1/decisions?limit=1000",
    z.object({ items: z.array(decisionView) }),
  );
  if (!answer.ok) throw new Error(answer.reason);
  return answer.value.items;
}

/** A service that fails always, with a Policy of its own: no budget of a knob is spent by another. */
export function watched(name: string, port: number): string {
  return `${documentsOf(name, { v1: port })}
---
apiVersion: quantum.mesh/v1
kind: Policy
metadata: {name: watch-${name}, owner: bench, class: reliability}
spec:
  mode: enforce
  method: rules
  scope: {service: ${name}}
  when: 'burn("${name}-availability", "10s") > 5.0'
  then: [{outlier: {service: ${name}, consecutive5xx: 100}}]
  verify: {signal: ${name}-availability, improve: {below: {burn: 1.0}}, sustained: 1m, within: 5m}
  revert: {onHarm: immediate, ttl: 30m}`;
}

export interface Reaction {
  /** From the first request that failed to its decision, written down. */
  readonly decideMs: number;
  /** From there until the last Envoy acknowledged; undefined: none has. */
  readonly applyMs: number | undefined;
}

/** Requests in a burst: the first of them is the sample. */
const BURST = 10;

/** Each service fails once, at any moment of a second, and nothing of another's is under way. */
export async function react(
  names: readonly string[],
  at: { readonly edge: number; readonly http: number; readonly seed: number },
): Promise<readonly Reaction[]> {
  const random = new Random(at.seed);
  const failedMs = new Map<string, number>();
  for (const name of names) {
    await sleep(1500 + 1000 * random.next());
    failedMs.set(name, Date.now());
    await Promise.all(
      Array.from({ length: BURST }, () => fetch(`http://127.0.0.1:${at.edge}/${name}`)),
    );
  }
  await sleep(5000);
  const found = await decided(at.http);
  return names.map((name) => {
    const decision = found.find(
      ({ subject, verdict }) => subject.name === `watch-${name}` && verdict === "act",
    );
    if (decision === undefined) throw new Error(`nothing was decided about ${name}`);
    const decideMs = Date.parse(decision.at) - (failedMs.get(name) ?? Number.NaN);
    return { decideMs, applyMs: decision.latency?.applyMs };
  });
}
