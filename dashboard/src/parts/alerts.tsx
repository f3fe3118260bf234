import type { AlertView } from "../../../src/api/view/incident.ts";
import { ago, number, percent, seconds } from "../format.ts";
import { nowMs } from "../state/now.ts";
import { go, isFound, place } from "../state/place.ts";
import { OrderButton } from "./order-button.tsx";
import { Empty } from "./panel.tsx";
import { State } from "./state.tsx";

/** What people were or would be told, what automation tried, and the question whether it was worth it. */
const MOST = 20;

export function Alerts({ alerts }: { readonly alerts: readonly AlertView[] }) {
  const { attention } = place.value;
  const rows = alerts.filter(
    ({ title, service = "", state }) =>
      isFound(`${title} ${service}`) && (!attention || state === "firing"),
  );
  if (rows.length === 0) return <Empty text="No alert of that kind." />;
  return (
    <>
      {rows.slice(0, MOST).map((each) => (
        <Alert key={each.id} of={each} />
      ))}
    </>
  );
}

function Alert({ of }: { readonly of: AlertView }) {
  const { title, severity, state, since, value, threshold, windowSeconds, posterior } = of;
  const { tried, decision, actionable } = of;
  return (
    <article class="item">
      <div>
        <strong>{title}</strong>
        <p class="quiet-text">
          <State state={severity} /> <State state={state} /> {ago(since, nowMs.value)}:{" "}
          {number(value)} beside {number(threshold)} over {seconds(windowSeconds)}
          {posterior !== undefined && `, real with ${percent(posterior)}`}
        </p>
        {tried.map((line) => (
          <p class="quiet-text" key={line}>
            Tried: {line}
          </p>
        ))}
      </div>
      <div class="row">
        {decision !== undefined && (
          <button type="button" class="small" onClick={() => go({ decision })}>
            Why
          </button>
        )}
        {actionable !== undefined && <span class="quiet-text">worth it: {actionable}</span>}
        <Label of={of} actionable="yes" text="Worth it" />
        <Label of={of} actionable="no" text="False alarm" />
      </div>
    </article>
  );
}

/** Feeds the share of false alarms. */
function Label(props: { of: AlertView; actionable: "yes" | "no"; text: string }) {
  const { of, actionable, text } = props;
  if (of.actionable === actionable) return null;
  return (
    <OrderButton
      verb="label"
      asked={{
        title: `${text}: ${of.title}`,
        text: "Counts in the share of false alarms.",
        path: `/v1/alerts/${encodeURIComponent(of.id)}/label`,
        verb: text,
        body: { actionable },
      }}
    >
      {text}
    </OrderButton>
  );
}
