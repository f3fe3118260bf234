import { z } from "zod";
import type { Alert, AlertBook, AlertGroup } from "../../decide/alerts/alert.ts";
import { ALERT_NAME, type Silence } from "../../decide/alerts/suppression.ts";
import type { Answered, Send } from "./outbound.ts";
import { linesOfAlert, timeOf } from "./words.ts";

/**
 * Alertmanager v2: a group of ours is one alert there for each team, so that its own grouping need not know ours. What fires is
 * told again every minute, as its protocol wants, under the same labels, which is no news to it; what is over is told with its
 * end. Silences are read from it.
 */
export interface Manager {
  readonly name: string;
  readonly url: string;
  /** Of a bearer. */
  readonly token?: string;
  /** Teams; empty: all. */
  readonly for: readonly string[];
}

/** As `POST /api/v2/alerts` takes it. */
export interface ManagerAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
}

/** Ours outlive so many missed refreshes. */
const LIFE_SECONDS = 300;
const REFRESH_SECONDS = 60;
/** An end is told for so long. */
const END_SECONDS = 600;
const MOST_LISTED = 10;

export function managerAlerts(
  { groups, alerts }: AlertBook,
  { for: teams }: Pick<Manager, "for">,
  at: { readonly tick: number; readonly linkOf: (decision: string) => string },
): readonly ManagerAlert[] {
  const byGroup = new Map<string, Alert[]>();
  for (const alert of Object.values(alerts)) {
    if (alert.group !== undefined)
      byGroup.set(alert.group, [...(byGroup.get(alert.group) ?? []), alert]);
  }
  return Object.values(groups)
    .filter(({ sent, closedTick }) => {
      const isRecent = closedTick === undefined || at.tick - closedTick < END_SECONDS;
      return sent !== undefined && isRecent;
    })
    .flatMap((group) => {
      const members = byGroup.get(group.id) ?? [];
      const names = [...new Set(members.flatMap(({ targets }) => targets))].sort();
      const told = teams.length === 0 ? names : names.filter((name) => teams.includes(name));
      const isUnnamed = names.length === 0;
      return (isUnnamed ? [undefined] : told).flatMap((team) => ofTeam(group, members, team, at));
    });
}

function ofTeam(
  group: AlertGroup,
  members: readonly Alert[],
  team: string | undefined,
  { tick, linkOf }: { readonly tick: number; readonly linkOf: (decision: string) => string },
): readonly ManagerAlert[] {
  const standing = members.filter(({ state }) => state !== "resolved");
  const shown = standing.length > 0 ? standing : members;
  const [first] = [...shown].sort((a, b) => a.severity.localeCompare(b.severity));
  if (first === undefined) return [];
  const { services, severity, closedTick } = group;
  const alert = (level: string, endsTick: number): ManagerAlert => ({
    labels: {
      alertname: ALERT_NAME,
      severity: level,
      group: group.id,
      ...(team !== undefined && { team }),
      ...(services.length === 1 && services[0] !== undefined && { service: services[0] }),
    },
    annotations: {
      summary: shown.length === 1 ? first.title : `${shown.length} alerts, first ${first.title}`,
      description: shown
        .slice(0, MOST_LISTED)
        .map((each) => linesOfAlert(each, linkOf).join("\n"))
        .join("\n\n"),
    },
    startsAt: timeOf(group.openedTick),
    endsAt: timeOf(endsTick),
    generatorURL: linkOf(first.decision ?? ""),
  });
  const now = alert(severity, closedTick ?? tick + LIFE_SECONDS);
  // Another severity is another alert there: the lesser one ends.
  const wasTicket = severity === "page" && members.some((each) => each.escalatedTick !== undefined);
  return wasTicket ? [now, alert("ticket", group.sent?.tick ?? tick)] : [now];
}

/** Keeps one Alertmanager up to date. */
export class ManagerSync {
  #told = "";
  #toldTick = Number.NEGATIVE_INFINITY;
  #isBusy = false;

  constructor(
    private readonly send: Send,
    readonly manager: Manager,
  ) {}

  /** Undefined: there was nothing to tell. */
  async tell(alerts: readonly ManagerAlert[], tick: number): Promise<Answered | undefined> {
    const now = timeOf(tick);
    const news = JSON.stringify(
      alerts.map(({ labels, annotations, endsAt }) => [labels, annotations, endsAt <= now]),
    );
    const isDue = tick - this.#toldTick >= REFRESH_SECONDS;
    if (this.#isBusy || alerts.length === 0 || (news === this.#told && !isDue)) return undefined;
    this.#isBusy = true;
    // One that fails is told again with the next second's, and not more often than every 10 s.
    const answered = await this.#ask("POST", "/api/v2/alerts", JSON.stringify(alerts));
    this.#isBusy = false;
    this.#told = news;
    this.#toldTick = answered.ok ? tick : tick - REFRESH_SECONDS + 10;
    return answered;
  }

  /** Those that hold now; undefined: they cannot be had. */
  async silences(): Promise<readonly Silence[] | undefined> {
    const answered = await this.#ask("GET", "/api/v2/silences");
    if (!answered.ok) return undefined;
    const found = silenceList.safeParse(jsonOf(answered.text));
    return found.success ? found.data.filter(({ status }) => status.state === "active") : undefined;
  }

  #ask(method: "GET" | "POST", path: string, body?: string): Promise<Answered> {
    const { url, token } = this.manager;
    return this.send({
      url: `${url.replace(/\/$/, "")}${path}`,
      method,
      headers: {
        "user-agent": "quantum-mesh",
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body }),
    });
  }
}

const silenceList = z.array(
  z.object({
    id: z.string(),
    createdBy: z.string().default(""),
    status: z.object({ state: z.string() }),
    matchers: z.array(
      z.object({
        name: z.string(),
        value: z.string(),
        isRegex: z.boolean(),
        isEqual: z.boolean().default(true),
      }),
    ),
  }),
);

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
