import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Children } from "../src/cli/children.ts";
import { verdict } from "./overload.ts";
import type { Page } from "./page.ts";
import type { TestMessage } from "./scenarios/test-process.ts";

/**
 * The scenarios of `examples` on real Envoys, each its test in a process of its own, all at once: when the decision was
 * there, when every Envoy held it, when what was meant was so. The full form leaves the durations of the examples as they
 * are written, the short form divides them by 10; thresholds and logic are those of the examples in both.
 */
const SCENARIOS = [
  "envoy/canary-rollback",
  "envoy/backpressure",
  "envoy/containment",
  "envoy/cost-staging",
  "load/regional",
  "envoy/tiered",
] as const;

const SHORT_FACTOR = 10;

/** One test of a scenario. */
interface Told {
  readonly title: string;
  readonly seconds: number;
  readonly fault?: string;
  readonly milestones: Readonly<Record<string, number>>;
}

export async function benchScenarios(
  children: Children,
  { isFull }: { isFull: boolean },
): Promise<Page> {
  const factor = isFull ? 1 : SHORT_FACTOR;
  process.env.QMESH_TIME_FACTOR = String(factor);
  const runs = await Promise.all(SCENARIOS.map((name) => runTests(children, name)));
  const tests = runs.flat();
  const passed = tests.filter(({ fault }) => fault === undefined).length;
  return {
    setup: [
      `${SCENARIOS.length} scenarios at once, durations ${isFull ? "as they are written" : `divided by ${factor}`}; seconds since the fault`,
      ...tests.map(({ title }, at) => `${at + 1}: ${title}`),
    ],
    table: [
      ["", "decided", "held by every Envoy", "clean", "whole test", ""],
      ...tests.map(({ milestones, seconds, fault }, at) => [
        `${at + 1}`,
        ...["decided", "held", "clean"].map((name) => figure(milestones[name])),
        figure(seconds),
        fault === undefined ? "passed" : "failed",
      ]),
    ],
    findings: [
      `${passed} of ${tests.length} tests pass (goal: all): ${verdict(passed === tests.length)}`,
      ...tests.flatMap(({ fault }, at) => (fault === undefined ? [] : [`${at + 1}: ${fault}`])),
    ],
  };
}

async function runTests(children: Children, name: string): Promise<readonly Told[]> {
  const file = fileURLToPath(new URL(`../test/${name}.test.js`, import.meta.url));
  const child = children.forkModule("../../bench/scenarios/test-process.js", [file]);
  const told: Told[] = [];
  let milestones: Record<string, number> = {};
  child.on("message", (message: TestMessage) => {
    if ("milestone" in message) {
      milestones[message.milestone] = message.seconds;
      return;
    }
    told.push({ ...message, milestones });
    milestones = {};
  });
  await once(child, "exit");
  if (told.length === 0) throw new Error(`the tests of ${name} ended without a word: see above`);
  return told;
}

function figure(seconds: number | undefined): string {
  return seconds === undefined ? "-" : `${seconds.toFixed(1)} s`;
}
