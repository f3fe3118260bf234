import { figureTable } from "../text-table.ts";
import { ms, percent } from "./figure.ts";
import { SLOT_MS, SLOTS } from "./plan.ts";
import type { PhaseResult, RunResult } from "./results.ts";

/** The closing document: everything the demo measured. */
export interface ClosingDocument {
  readonly service: {
    readonly slots: number;
    readonly slotMs: number;
    readonly capacityRps: number;
  };
  readonly deadlineMs: number;
  readonly seed: number;
  readonly envoyWorkers: number;
  /** The load all variants are compared at, in multiples of capacity. */
  readonly peak: number;
  readonly runs: readonly RunResult[];
}

export function renderClosing(document: ClosingDocument): string[] {
  const { peak, runs, deadlineMs } = document;
  const ours = runs[0];
  return [
    `${SLOTS} slots of ${SLOT_MS} ms serve ${document.service.capacityRps} requests a second; served = answered inside ${deadlineMs} ms`,
    "",
    ...(ours === undefined ? [] : [`${ours.variant}, by load`, ...byLoad(ours), ""]),
    `the same ${peak}x load through the same Envoy`,
    ...comparison(runs, peak),
    ...runs.flatMap((run) =>
      run.void === undefined
        ? []
        : [`VOID ${run.variant}: ${run.void}: this machine is too busy, its figures say nothing`],
    ),
    `load: sent at most ${Math.max(...runs.map(({ latenessP99Ms }) => latenessP99Ms))} ms late (p99), its core ${percent(Math.max(...runs.map(({ busyRatio }) => busyRatio)), 0)} busy`,
  ];
}

function byLoad(run: RunResult): string[] {
  const names = run.phases[0]?.tiers.map(({ tier }) => tier) ?? [];
  return figureTable([
    ["load", "goodput", "shed", ...names.map((name) => `${name} served`), "critical p99"],
    ...run.phases.map((phase) => [
      `${phase.load}x`,
      percent(phase.goodputRatio),
      percent(phase.shedRatio),
      ...phase.tiers.map(({ successRatio }) => percent(successRatio)),
      ms(phase.tiers[0]?.p99Ms),
    ]),
  ]);
}

function comparison(runs: readonly RunResult[], peak: number): string[] {
  const atPeak = runs.flatMap((run): [string, PhaseResult][] => {
    const phase = run.phases.find(({ load }) => load === peak);
    return phase === undefined ? [] : [[run.variant, phase]];
  });
  const names = atPeak[0]?.[1].tiers.map(({ tier }) => tier) ?? [];
  return figureTable([
    [
      "",
      "goodput / capacity",
      ...names.map((name) => `${name} served`),
      "critical p50",
      "critical p99",
    ],
    ...atPeak.map(([variant, phase]) => [
      variant,
      phase.goodputRatio.toFixed(3),
      ...phase.tiers.map(({ successRatio }) => percent(successRatio)),
      ms(phase.tiers[0]?.p50Ms),
      ms(phase.tiers[0]?.p99Ms),
    ]),
  ]);
}
