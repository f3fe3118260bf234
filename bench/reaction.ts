import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Children } from "../src/cli/children.ts";
import { Random } from "./law/random.ts";
import { startMesh } from "./mesh.ts";
import { verdict } from "./overload.ts";
import { median, type Page, quantile } from "./page.ts";
import { startBackend } from "./reaction/backend.ts";
import { react, watched } from "./reaction/decisions.ts";
import { BASE, MULTIPLE, RPS, released, rollBack } from "./reaction/rollback.ts";

/**
 * How soon the mesh acts, on a real Envoy whose reports are all that is known: from a request that fails to the decision, from
 * there to the last acknowledgement, and from the first request of a bad release until it is asked no more.
 */
const SIZES = { short: { decisions: 20, releases: 3 }, full: { decisions: 100, releases: 10 } };
const SEED = 1_000_001;
const DECIDE_SECONDS = 3;
const APPLY_SECONDS = 2;
const CLEAN_SECONDS = 60;

export async function benchReaction(
  children: Children,
  { isFull }: { isFull: boolean },
): Promise<Page> {
  const sizes = SIZES[isFull ? "full" : "short"];
  const random = new Random(SEED);
  const draw = () => random.next();
  const names = Array.from({ length: sizes.decisions }, (_, at) => `d${at}`);
  const broken = await startBackend(1, draw);
  const stable = await startBackend(BASE, draw);
  const mesh = await startMesh(children, {
    servicePort: stable.port,
    documents: names.map((name) => watched(name, broken.port)).join(""),
  });
  const at = { edge: await mesh.envoy.listenerPort("edge_0"), http: mesh.plane.ports.http };
  const reactions = await react(names, { ...at, seed: SEED });
  const canaries = await Promise.all(
    Array.from({ length: sizes.releases }, () => startBackend(BASE * MULTIPLE, draw)),
  );
  const releases = canaries.map((canary, index) => ({ name: `r${index}`, canary }));
  const documents = releases.map(({ name, canary }) =>
    released(name, { stable: stable.port, canary: canary.port }),
  );
  const acked = mesh.plane.nextEvent("acked");
  writeFileSync(join(mesh.config, "releases.yaml"), documents.join("").replace(/^\n---\n/, ""));
  await acked;
  await sleep(1000);
  const rollbacks = await Promise.all(
    releases.map(({ name, canary }) => rollBack(name, canary, at)),
  );
  await mesh.plane.stop();
  for (const backend of [broken, stable, ...canaries]) backend.stop();
  const decide = reactions.map(({ decideMs }) => decideMs / 1000);
  const apply = reactions.map(({ applyMs = Number.POSITIVE_INFINITY }) => applyMs / 1000);
  const found = rollbacks.map(({ foundSeconds }) => foundSeconds);
  const rps = rollbacks.map((each) => each.rps.toFixed(0)).join(", ");
  const clean = rollbacks.map(({ cleanSeconds }) => cleanSeconds);
  return {
    setup: [
      `one Envoy with 2 workers; ${sizes.decisions} services fail one after the other, each watched by a Policy; seed ${SEED}`,
      `${sizes.releases} releases at once, each at ${RPS} rps (sent: ${rps}) with its canary at 20 %: ${BASE * 100} % of errors, the canary ${MULTIPLE} times as many`,
    ],
    table: [
      ["", "p50", "p99", "worst"],
      row("failed request to decision", decide),
      row("decision to last ACK", apply),
      row("bad release to decision", found),
      row("bad release to clean", clean),
    ],
    findings: [
      finding("from the sample to the decision, p99", quantile(decide, 0.99), DECIDE_SECONDS),
      finding("from the decision to the last ACK, p99", quantile(apply, 0.99), APPLY_SECONDS),
      finding("bad release rolled back and clean, worst", Math.max(...clean), CLEAN_SECONDS),
    ],
  };
}

function row(name: string, seconds: readonly number[]): readonly string[] {
  const values = [median(seconds), quantile(seconds, 0.99), Math.max(...seconds)];
  return [name, ...values.map(text)];
}

function finding(what: string, seconds: number, goal: number): string {
  return `${what} ${text(seconds)} (goal <= ${goal} s): ${verdict(seconds <= goal)}`;
}

function text(seconds: number): string {
  return `${seconds.toFixed(2)} s`;
}
