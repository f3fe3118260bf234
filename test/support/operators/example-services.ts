import type { ObjectiveView, ServiceView } from "../../../src/api/view/service.ts";

/** A mesh with one service in trouble, one near it, and as many healthy ones as asked for. */
const DAYS_30 = 30 * 86_400;

interface Mood {
  readonly now: number;
  readonly attained: number;
  readonly budgetLeft: number;
  readonly burn: number;
  readonly state: ObjectiveView["state"];
}

const MOODS: Readonly<Record<string, Mood>> = {
  well: { now: 0.9996, attained: 0.9995, budgetLeft: 0.52, burn: 0.4, state: "met" },
  strained: { now: 0.9968, attained: 0.9991, budgetLeft: 0.11, burn: 3.2, state: "at risk" },
  burning: { now: 0.981, attained: 0.9987, budgetLeft: -0.3, burn: 19, state: "spent" },
};

export function exampleServices(count: number): ServiceView[] {
  const named: readonly (readonly [string, string, Mood])[] = [
    ["checkout", "team-pay", MOODS.burning!],
    ["search", "team-find", MOODS.strained!],
    ["cart", "team-pay", MOODS.well!],
    ["catalog", "team-find", MOODS.well!],
    ["accounts", "team-core", MOODS.well!],
  ];
  const more = Array.from({ length: Math.max(0, count - named.length) }, (_, at) => {
    const name = `service-${String(at + 1).padStart(4, "0")}`;
    return [name, `team-${at % 7}`, MOODS.well!] as const;
  });
  return [...named, ...more]
    .slice(0, count)
    .map(([name, owner, mood], at) => service(name, owner, mood, at))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function service(name: string, owner: string, mood: Mood, at: number): ServiceView {
  const slow = mood.state === "spent" ? 6 : 1;
  return {
    name,
    owner,
    labels: { team: owner },
    state: at === 3 ? "late" : "ok",
    ageSeconds: at === 3 ? 3.2 : 0.6,
    requestRps: 1200 / (1 + at),
    errorRatio: 1 - mood.now,
    p50Ms: 18 * slow,
    p95Ms: 90 * slow,
    p99Ms: 210 * slow,
    histogram: [5, 10, 20, 50, 100, 200, 500, 1000].map((toMs, bucket) => ({
      toMs,
      requests: Math.round(9000 * Math.exp(-((bucket - 2 - slow / 3) ** 2) / 3)),
    })),
    cost: { perRequest: 0.00012 * (1 + (at % 5)), currency: "EUR" },
    objectives: [
      objective(`${name}-availability`, "answered without 5xx", 0.999, mood, at),
      objective(`${name}-latency`, "answered within 300 ms", 0.99, MOODS.well!, at + 1),
    ],
    parts: [
      { part: "version", name: "v41", requestRps: 1080 / (1 + at), errorRatio: 0.0004, p95Ms: 88 },
      { part: "version", name: "v42", requestRps: 120 / (1 + at), errorRatio: 0.021, p95Ms: 540 },
      ...[8080, 8081].map((port) => ({
        ...{ part: "endpoint" as const, name: `10.0.0.${at + 1}:${port}` },
        ...{ requestRps: 600 / (1 + at), errorRatio: port === 8081 ? 0.031 : 0, p95Ms: 96 },
      })),
      {
        ...{ part: "tier", name: "critical", requestRps: 120 / (1 + at), errorRatio: 0 },
        inflight: 2.6 / (1 + at),
      },
      {
        ...{ part: "tier", name: "sheddable", requestRps: 700 / (1 + at), errorRatio: 0.002 },
        inflight: 15.4 / (1 + at),
      },
      {
        ...{ part: "tenant", name: "acme", requestRps: 300 / (1 + at), errorRatio: 0.001 },
        ...{ inflight: 6.6 / (1 + at), shedRps: 12, fair: { weight: 2, rps: 260 / (1 + at) } },
      },
      {
        ...{ part: "tenant", name: "initech", requestRps: 90 / (1 + at), errorRatio: 0.004 },
        ...{ inflight: 2 / (1 + at), shedRps: 410, fair: { weight: 1, rps: 130 / (1 + at) } },
      },
    ],
  };
}

function objective(
  name: string,
  indicator: string,
  target: number,
  mood: Mood,
  at: number,
): ObjectiveView {
  const history = Array.from({ length: 30 }, (_, day) => {
    const worn = mood.budgetLeft + ((29 - day) / 29) * (1 - mood.budgetLeft);
    return Math.min(1, worn + 0.06 * Math.sin(day * 1.7 + at));
  });
  const { now, attained, budgetLeft, burn, state } = mood;
  return {
    ...{ name, indicator, target, windowSeconds: DAYS_30, state, now, attained, budgetLeft },
    burns: [
      { windowSeconds: 300, burn },
      { windowSeconds: 3600, burn: burn * 0.6 },
      { windowSeconds: 86_400, burn: burn * 0.2 },
    ],
    history,
  };
}
