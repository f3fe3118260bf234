import type { Children } from "../../src/cli/children.ts";
import type { Contestant } from "./contestant.ts";
import { FleetProcess } from "./fleet-process.ts";
import { cpuSeconds, rssBytes } from "./process-usage.ts";

/** Everything one server is put through, in one process that starts empty. */
export interface RoundPlan {
  readonly streams: number;
  /** Streams that get critical changes. */
  readonly front: number;
  readonly pushes: number;
  /** Absent: only connecting, fan-out and memory. */
  readonly trials?: {
    readonly refusing: number;
    readonly stalledShare: number;
    readonly churnRps: number;
    /** 0: without. */
    readonly churnSeconds: number;
  };
}

/** Times in ms, sizes in bytes; what was not measured is absent. */
export interface Figures {
  readonly connect: number;
  /** Connections that were cut before their first response and came back. */
  readonly lost: number;
  /** The server's CPU time for each. */
  readonly connectCpu: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpuPerMillion: number;
  readonly memory: number;
  readonly lag: number;
  readonly critical?: number;
  readonly nackSends?: number;
  readonly nackConverged?: number;
  readonly storm?: number;
  readonly stormBytes?: number;
  readonly stormCpu?: number;
  readonly stalledP99?: number;
  readonly unstalledP99?: number;
  readonly churnRate?: number;
  readonly churnLag?: number;
  readonly churnGrowth?: number;
  readonly churnVersions?: number;
}

export async function runRound(
  children: Children,
  contestant: Contestant,
  plan: RoundPlan,
): Promise<Figures> {
  const server = await contestant.start(children);
  const fleet = await FleetProcess.start(children, server.ports);
  try {
    const emptyBytes = rssBytes(server.pid);
    const idle = cpuSeconds(server.pid);
    const connect = await fleet.run({ kind: "connect", ...plan });
    const connected = cpuSeconds(server.pid);
    await fleet.run({ kind: "push", times: 2 });
    await fleet.run({ kind: "lag" });
    const before = cpuSeconds(server.pid);
    const push = await fleet.run({ kind: "push", times: plan.pushes });
    const seconds = cpuSeconds(server.pid) - before;
    const { lag } = await fleet.run({ kind: "lag" });
    const figures = {
      connect: connect.ms!,
      lost: connect.lost!,
      connectCpu: ((connected - idle) / plan.streams) * 1000,
      p50: push.p50!,
      p99: push.p99!,
      cpuPerMillion: (seconds / (plan.pushes * plan.streams)) * 1e6,
      memory: (rssBytes(server.pid) - emptyBytes) / plan.streams,
      lag: lag!,
    };
    return { ...figures, ...(plan.trials && (await runTrials(fleet, server.pid, plan))) };
  } finally {
    await fleet.stop();
    await server.stop();
  }
}

async function runTrials(fleet: FleetProcess, pid: number, plan: RoundPlan) {
  const { refusing, stalledShare, churnRps, churnSeconds } = plan.trials!;
  const critical = await fleet.run({ kind: "critical", times: 5 });
  const nack = await fleet.run({ kind: "refuse", clients: refusing, times: 5 });
  const steadyBytes = rssBytes(pid);
  const churn =
    churnSeconds > 0
      ? await fleet.run({ kind: "churn", rps: churnRps, seconds: churnSeconds })
      : {};
  const churnGrowth = (rssBytes(pid) - steadyBytes) / plan.streams;
  const before = cpuSeconds(pid);
  const storm = await fleet.run({ kind: "storm" });
  const stormCpu = ((cpuSeconds(pid) - before) / plan.streams) * 1000;
  const unstalled = await fleet.run({ kind: "push", times: plan.pushes });
  await fleet.run({ kind: "stall", share: stalledShare });
  const stalled = await fleet.run({ kind: "push", times: plan.pushes });
  return {
    critical: critical.p99!,
    nackSends: nack.sends!,
    nackConverged: nack.ms!,
    storm: storm.ms!,
    stormBytes: storm.bytes!,
    stormCpu,
    unstalledP99: unstalled.p99!,
    stalledP99: stalled.p99!,
    ...(churnSeconds > 0 && {
      churnRate: churn.rate!,
      churnLag: churn.lag!,
      churnGrowth,
      churnVersions: churn.versions!,
    }),
  };
}
