import type { DecisionView } from "../../../src/api/view/decision.ts";
import type { IncidentView } from "../../../src/api/view/incident.ts";
import { clock, timeOfDay } from "../format.ts";
import { go } from "../state/place.ts";

/** Incidents as bars, decisions as points above them, in one window of time that ends now. */
interface TimelineProps {
  readonly incidents: readonly IncidentView[];
  readonly decisions: readonly DecisionView[];
  readonly nowMs: number;
  readonly seconds: number;
}

export function Timeline({ incidents, decisions, nowMs, seconds }: TimelineProps) {
  const at = (iso: string) => 100 * (1 - (nowMs - Date.parse(iso)) / 1000 / seconds);
  const inSight = decisions.filter((each) => at(each.at) >= 0 && at(each.at) <= 100);
  const bars = incidents.filter(({ closedAt }) => closedAt === undefined || at(closedAt) > 0);
  return (
    <div class="timeline">
      <div class="lane">
        <span class="lane-name">Decisions</span>
        <div class="lane-line">
          {inSight.map((each) => (
            <button
              type="button"
              key={each.id}
              class={`dot ${each.actor === "engine" ? "" : "by-person"}`}
              style={{ left: `${at(each.at)}%` }}
              title={`${clock(each.at)} ${each.subject.name}: ${each.verdict}`}
              aria-label={`${clock(each.at)} ${each.subject.name}: ${each.verdict}`}
              onClick={() => go({ decision: each.id })}
            />
          ))}
        </div>
      </div>
      {bars.map(({ id, title, service = id, severity, openedAt, closedAt }) => {
        const left = Math.max(0, at(openedAt));
        const right = closedAt === undefined ? 100 : Math.min(100, at(closedAt));
        const isOpen = closedAt === undefined;
        return (
          <div class="lane" key={id}>
            <span class="lane-name" title={`${id}: ${title}`}>
              {service}
            </span>
            <div class="lane-line">
              <span
                class={`bar ${severity} ${isOpen ? "open" : ""}`}
                style={{ left: `${left}%`, width: `${Math.max(0.6, right - left)}%` }}
                title={`${title}: ${clock(openedAt)} to ${isOpen ? "now" : clock(closedAt)}`}
              />
            </div>
          </div>
        );
      })}
      <div class="lane">
        <span class="lane-name" />
        <div class="lane-scale">
          {[0, 25, 50, 75, 100].map((share) => (
            <span key={share} style={{ left: `${share}%` }}>
              {timeOfDay(new Date(nowMs - (1 - share / 100) * seconds * 1000)).slice(0, 5)}
            </span>
          ))}
        </div>
      </div>
    </div>
  );
}
