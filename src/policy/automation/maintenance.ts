/** `Maintenance`: a window, once or again and again, in which some classes of Policies rest and some alerts are not told. */
import { z } from "zod";
import type { Draft } from "../draft.ts";
import { fields, oneOf, text } from "../fields.ts";
import type { Maintenance } from "../intent/maintenance.ts";
import { show } from "../show.ts";
import { span } from "../span.ts";
import { instant } from "./instant.ts";
import { CLASSES } from "./policy-class.ts";
import { isZone, parseSchedule } from "./schedule.ts";
import { scopeSpec, toScope } from "./scope.ts";

const LONGEST_SECONDS = 7 * 86_400;
const cron = text((value) => {
  const schedule = parseSchedule(value);
  return typeof schedule === "string" ? `QM0030 ${show(value)}: ${schedule}` : undefined;
});
const zone = text((value) =>
  isZone(value)
    ? undefined
    : `QM0030 ${show(value)} is not a time zone such as UTC or Europe/Berlin`,
);

export const maintenanceSpec = fields({
  when: fields({
    cron: cron.exactOptional(),
    tz: zone.exactOptional(),
    for: span({ most: LONGEST_SECONDS }).exactOptional(),
    from: instant.exactOptional(),
    to: instant.exactOptional(),
  }).default({}),
  scope: scopeSpec,
  freeze: z.array(oneOf(CLASSES)).default([]),
  suppress: fields({ severity: z.array(oneOf(["page", "ticket"])).default([]) }).default({
    severity: [],
  }),
  sloExclude: z.boolean().default(false),
});

export type MaintenanceSpec = z.output<typeof maintenanceSpec>;

export function checkMaintenance(draft: Draft<MaintenanceSpec>): void {
  const { when, freeze, suppress, sloExclude } = draft.spec;
  const has = (key: keyof typeof when) => when[key] !== undefined || draft.isDamaged(["when", key]);
  const repeats = has("cron") || has("for") || has("tz");
  if (repeats && (has("from") || has("to"))) {
    draft.wrong("QM0115", ["when"], "cron and from are both there; keep one");
  } else if (!(has("cron") && has("for")) && !(has("from") && has("to"))) {
    draft.lacks("QM0007", ["when"], "missing; a window is cron and for, or from and to");
  } else if (when.from !== undefined && when.to !== undefined) {
    if (when.to <= when.from) draft.wrong("QM0030", ["when", "to"], "is not after from");
  }
  if (freeze.length + suppress.severity.length === 0 && !sloExclude) {
    const isLost = ["freeze", "suppress", "sloExclude"].some((key) => draft.isDamaged([key]));
    if (!isLost) draft.wrong("QM0128", [], "changes nothing; write freeze, suppress or sloExclude");
  }
}

export function toMaintenance(
  draft: Draft<MaintenanceSpec>,
  owner: string | undefined,
): Maintenance {
  const { scope, freeze, suppress, sloExclude } = draft.spec;
  return {
    name: draft.name,
    ...(owner !== undefined && { owner }),
    scope: toScope(scope),
    window: toWindow(draft.spec),
    freeze: [...new Set(freeze)].sort(),
    suppress: [...new Set(suppress.severity)].sort(),
    sloExclude,
  };
}

function toWindow({ when }: MaintenanceSpec): Maintenance["window"] {
  const { cron, tz, from, to } = when;
  if (cron !== undefined) {
    return { kind: "cron", cron, zone: tz ?? "UTC", forSeconds: when.for ?? 0 };
  }
  return { kind: "once", fromMs: from ?? 0, toMs: to ?? 0 };
}
