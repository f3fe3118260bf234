import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import { fetchAnswer, type Server } from "../api/client.ts";
import { pageOf } from "../api/v1/page.ts";
import { alertQualityView, alertView } from "../api/view/incident.ts";
import type { AskOptions } from "./automation-verbs.ts";
import { EXIT } from "./exit-code.ts";
import { asText, formatOneOfMany, say } from "./output.ts";
import { textTable } from "./text-table.ts";
import { unwrap } from "./unwrap.ts";

type AlertView = z.infer<typeof alertView>;

const FOLLOW_MS = 1000;
const MOST = 1000;

/** Exit 3 while a page fires. */
export async function showAlerts(
  options: AskOptions & { readonly follow?: boolean; readonly all?: boolean },
): Promise<number> {
  const { server, output, follow, all = false } = options;
  const read = async (): Promise<readonly AlertView[]> => {
    const path = `/v1/alerts?limit=${MOST}`;
    const { items } = unwrap(await fetchAnswer({ server }, path, pageOf(alertView)));
    return items.filter(({ state }) => all || follow === true || state !== "resolved");
  };
  let alerts = await read();
  process.stdout.write(alertText(alerts, options, true));
  if (output === "table") say(qualityLine(await readQuality(server)));
  while (follow === true) {
    await sleep(FOLLOW_MS);
    const known = new Map(alerts.map((alert) => [alert.id, stateOf(alert)]));
    alerts = await read();
    const news = alerts.filter((alert) => known.get(alert.id) !== stateOf(alert));
    if (news.length > 0) process.stdout.write(alertText(news, options, false));
  }
  const isPaging = alerts.some(({ state, severity }) => state === "firing" && severity === "page");
  return isPaging ? EXIT.degraded : EXIT.fine;
}

function alertText(
  alerts: readonly AlertView[],
  { output, follow = false }: AskOptions & { readonly follow?: boolean },
  isFirst: boolean,
): string {
  if (output !== "table" && follow)
    return alerts.map((each) => formatOneOfMany(each, output)).join("");
  return asText(alerts, { output }, () => {
    if (!isFirst) return textTable(alertRows(alerts).slice(1));
    return alerts.length === 0 ? "No alert fires.\n" : textTable(alertRows(alerts));
  });
}

async function readQuality(server: Server): Promise<z.infer<typeof alertQualityView>> {
  return unwrap(await fetchAnswer({ server }, "/v1/alert-quality", alertQualityView));
}

function qualityLine({
  labelled,
  notActionable,
  low = 0,
  high = 1,
}: z.infer<typeof alertQualityView>): string {
  if (labelled === 0) return "No alert has a label: qmesh alerts label ID yes|no.";
  const share = `${percent(notActionable / labelled)} (95 %: ${percent(low)} to ${percent(high)})`;
  return `False alarms: ${notActionable} of ${labelled} labelled, ${share}.`;
}

function percent(ratio: number): string {
  return `${Number((100 * ratio).toFixed(1))} %`;
}

function stateOf({ state, severity, actionable }: AlertView): string {
  return `${severity} ${state} ${actionable}`;
}

export function alertRows(alerts: readonly AlertView[]): string[][] {
  const rows = alerts.map(
    ({ since, id, severity, state, suppressedBy, title, sent, decision, actionable }) => [
      since.slice(0, 19).replace("T", " "),
      id,
      severity,
      suppressedBy === undefined ? state : `${state} by ${suppressedBy}`,
      title,
      sent.map(({ to, state }) => `${to} ${state}`).join(", ") || "-",
      actionable === undefined ? "-" : actionable,
      decision ?? "-",
    ],
  );
  return [
    ["SINCE", "ID", "SEVERITY", "STATE", "WHAT", "SENT", "ACTIONABLE", "WHY: qmesh explain"],
    ...rows,
  ];
}
