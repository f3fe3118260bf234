import { Agent, request } from "node:http";
import { clearInterval, setInterval } from "node:timers";
import { setTimeout as sleep } from "node:timers/promises";
import { type Backend, documentsOf } from "./backend.ts";
import { decided } from "./decisions.ts";

/** A canary of 20 times the errors, beside a version that is as it was. */
export const BASE = 0.005;
export const MULTIPLE = 20;
export const RPS = 50;

export function released(
  name: string,
  { stable, canary }: { readonly stable: number; readonly canary: number },
): string {
  return `${documentsOf(name, { v1: stable, v2: canary })}
---
apiVersion: quantum.mesh/v1
kind: Rollout
metadata: {name: ${name}, owner: bench}
spec:
  service: ${name}
  versions: {stable: v1, canary: v2}
  steps: [{weight: 20, for: 2m}, {weight: 50, for: 5m}, {weight: 100}]
  onWorse: {action: rollback, drain: 30s, lock: 1h}`;
}

export interface Rollback {
  /** Of the load, as it came about. */
  readonly rps: number;
  /** From the first request of the load, seconds. */
  readonly foundSeconds: number;
  /** Until the canary has got its last request. */
  readonly cleanSeconds: number;
}

const PATIENCE_SECONDS = 300;
/** Nothing comes to a canary that got nothing for so long while it was asked. */
const CLEAN_MS = 3000;

/** One release under its own load, until the canary is asked no more. */
export async function rollBack(
  name: string,
  canary: Backend,
  at: { readonly edge: number; readonly http: number },
): Promise<Rollback> {
  const agent = new Agent({ keepAlive: true });
  const beganMs = Date.now();
  let sent = 0;
  const load = setInterval(() => {
    sent += 1;
    const call = request({ host: "127.0.0.1", port: at.edge, path: `/${name}`, agent });
    call.on("response", (response) => response.resume()).on("error", () => undefined);
    call.end();
  }, 1000 / RPS);
  try {
    for (;;) {
      await sleep(250);
      const seconds = (Date.now() - beganMs) / 1000;
      if (seconds > PATIENCE_SECONDS) throw new Error(`${name} was not rolled back`);
      const found = (await decided(at.http)).find(
        ({ subject, verdict }) =>
          subject.kind === "Rollout" && subject.name === name && verdict === "roll back",
      );
      if (found === undefined || Date.now() - canary.lastMs() < CLEAN_MS) continue;
      return {
        rps: sent / seconds,
        foundSeconds: (Date.parse(found.at) - beganMs) / 1000,
        cleanSeconds: (canary.lastMs() - beganMs) / 1000,
      };
    }
  } finally {
    clearInterval(load);
    agent.destroy();
  }
}
