import type { Draft } from "../draft.ts";
import { notYet } from "../fields.ts";
import type { Path } from "../path.ts";
import type { AutomationDrafts } from "./automation-drafts.ts";

/**
 * What the language of automation has and the engine does not carry out yet: refused by name, so that no document does less,
 * or more, than it says.
 */
interface Gap<Spec> {
  readonly subject: string;
  readonly found: (spec: Spec) => readonly Path[];
}

type Specs = { readonly [Kind in keyof AutomationDrafts]: AutomationDrafts[Kind][number]["spec"] };

const POLICY: readonly Gap<Specs["Policy"]>[] = [
  {
    subject: "caps of tiers in the filter are",
    found: ({ then }) =>
      then.flatMap(({ shed }, at) =>
        shed !== undefined && Object.keys(shed.tiers).length > 0
          ? [["then", at, "shed", "tiers"]]
          : [],
      ),
  },
];

const SLO: readonly Gap<Specs["SLO"]>[] = [
  {
    subject: "slices of time of what a server is asked for are",
    found: (spec) =>
      spec.budgetingMethod === "Timeslices" && isQueried(spec) ? [["budgetingMethod"]] : [],
  },
];

/** `queried`: Services with an objective of another server's counters, of which no second can be taken off. */
function maintenanceGaps(
  queried: readonly (string | undefined)[],
): readonly Gap<Specs["Maintenance"]>[] {
  return [
    {
      subject: "leaving a window out of objectives that a server is asked for is",
      found: ({ sloExclude, scope }) => {
        const isTouched = queried.some((service) => (scope.service ?? service) === service);
        return sloExclude && isTouched ? [["sloExclude"]] : [];
      },
    },
  ];
}

function isQueried({ indicator }: Specs["SLO"]): boolean {
  return indicator?.spec.ratioMetric.good.metricSource.type.toLowerCase() === "prometheus";
}

export function refuseNotYet(drafts: AutomationDrafts): void {
  refuse(drafts.Policy, POLICY);
  refuse(drafts.SLO, SLO);
  const queried = drafts.SLO.filter(({ spec }) => isQueried(spec)).map(({ spec }) => spec.service);
  refuse(drafts.Maintenance, maintenanceGaps(queried));
}

function refuse<Spec>(drafts: readonly Draft<Spec>[], gaps: readonly Gap<Spec>[]): void {
  for (const draft of drafts) {
    for (const { subject, found } of gaps) {
      for (const path of found(draft.spec)) draft.wrong("QM0011", path, notYet(subject));
    }
  }
}
