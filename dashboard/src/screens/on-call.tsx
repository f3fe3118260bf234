import type { ClusterView } from "../../../src/api/view/mesh.ts";
import type { ActionView, ApprovalView, OverrideView } from "../../../src/api/view/operation.ts";
import type { ObjectiveView, ServiceView } from "../../../src/api/view/service.ts";
import { ago, ms, number, percent, plural, rate, seconds } from "../format.ts";
import { Alerts } from "../parts/alerts.tsx";
import { Bullet } from "../parts/bars.tsx";
import { RecentActions } from "../parts/decision-log.tsx";
import { LongTable } from "../parts/long-table.tsx";
import { OrderButton } from "../parts/order-button.tsx";
import { OverrideButton } from "../parts/override-button.tsx";
import { Empty, Heard, Loading, Panel } from "../parts/panel.tsx";
import { RunbookLink } from "../parts/runbook-link.tsx";
import { State, toneOf } from "../parts/state.tsx";
import { MeshTiles } from "../parts/tiles.tsx";
import { concerns } from "../state/attention.ts";
import { live, missing } from "../state/live.ts";
import { nowMs } from "../state/now.ts";
import { go, isFound, place } from "../state/place.ts";

/** What is wrong now, what automation does about it, and how to stop it. */
export function OnCall() {
  return (
    <>
      <MeshTiles />
      <div class="grid">
        <Panel title="Needs attention" span={6}>
          <Attention />
        </Panel>
        <Panel title="Recent decisions" span={6}>
          <RecentActions />
        </Panel>
        <Panel title="Waits for you" span={6}>
          <Heard topic="approvals" value={live.approvals} empty="Nothing waits for a person.">
            {(approvals) => approvals.map((each) => <Approval key={each.decision} of={each} />)}
          </Heard>
        </Panel>
        <Panel title="Open incidents" span={6}>
          <OpenIncidents />
        </Panel>
        <Panel title="Alerts">
          <Heard topic="alerts" value={live.alerts} empty="No alert was raised.">
            {(alerts) => <Alerts alerts={alerts} />}
          </Heard>
        </Panel>
        <Panel title="Indicators against their objectives" span={7} aside={<AttentionFilter />}>
          <Heard topic="services" value={live.services} empty="No service has an objective.">
            {(services) => <Indicators services={services} />}
          </Heard>
        </Panel>
        <Panel title="Most errors" span={5}>
          <Heard
            topic="clusters"
            value={live.clusters}
            empty="No Envoy has reported a cluster yet."
          >
            {(clusters) => <Errors clusters={clusters} />}
          </Heard>
        </Panel>
        <Panel title="In force now" span={7}>
          <Heard topic="actions" value={live.actions} empty="Nothing is laid over the intent.">
            {(actions) => actions.map((each) => <Action key={each.id} of={each} />)}
          </Heard>
        </Panel>
        <Panel
          title="Overrides"
          span={5}
          aside={!missing.value.has("overrides") && <OverrideButton text="New override…" />}
        >
          <Heard topic="overrides" value={live.overrides} empty="Nobody holds a knob.">
            {(overrides) => overrides.map((each) => <Override key={each.id} of={each} />)}
          </Heard>
        </Panel>
      </div>
    </>
  );
}

function Attention() {
  const { search } = place.value;
  if (live.nodes.value === undefined) return <Loading />;
  const shown = concerns.value.filter(({ title, detail }) => isFound(`${title} ${detail}`));
  if (shown.length === 0) {
    return (
      <p class="note">
        <State
          state="ok"
          text={search === "" ? "Nothing needs attention" : "Nothing of that name"}
        />
      </p>
    );
  }
  return (
    <ol class="feed scroll-8">
      {shown.map(({ state, title, detail, where }) => (
        <li key={`${state}${title}${detail}`}>
          <button type="button" class="feed-item" onClick={() => go(where)}>
            <span class="feed-head">
              <State state={state} />
              <strong>{title}</strong>
            </span>
            <span class="feed-why">{detail}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}

function AttentionFilter() {
  const { attention } = place.value;
  return (
    <button
      type="button"
      class="small"
      aria-pressed={attention}
      onClick={() => go({ attention: !attention })}
    >
      Needs attention only
    </button>
  );
}

function Indicators({ services }: { readonly services: readonly ServiceView[] }) {
  const { attention } = place.value;
  const rows = services
    .flatMap(({ name, objectives }) =>
      objectives.map((objective) => ({ service: name, objective })),
    )
    .filter(
      ({ service, objective }) =>
        isFound(`${service} ${objective.name}`) && (!attention || objective.state !== "met"),
    )
    .sort((a, b) => burnOf(b.objective) - burnOf(a.objective));
  if (rows.length === 0) return <Empty text="No objective is in danger." />;
  return (
    <LongTable
      label="Indicators"
      rows={rows}
      keyOf={({ objective }) => objective.name}
      onPick={({ service }) => go({ screen: "debug", service })}
      height={8}
      columns={[
        {
          head: "Objective",
          cell: ({ objective }) => <span title={objective.indicator}>{objective.name}</span>,
        },
        {
          head: "State",
          cell: ({ objective }) => <State state={objective.state} />,
          isHead: true,
        },
        { head: "Good now", cell: ({ objective }) => percent(objective.now), isNumber: true },
        { head: "Asked", cell: ({ objective }) => percent(objective.target), isNumber: true },
        {
          head: "Bad of allowed",
          cell: ({ objective }) => <BadOfAllowed of={objective} />,
          isWide: true,
        },
        { head: "Burn", cell: ({ objective }) => burnText(objective), isNumber: true },
      ]}
    />
  );
}

/** The mark is what the objective allows; the bar ends at five times that. */
function BadOfAllowed({ of }: { readonly of: ObjectiveView }) {
  const { now, target, state, name } = of;
  if (now === undefined) return <>–</>;
  const bad = (1 - now) / (1 - target);
  const label = `${name}: ${number(bad)} times the errors it may make`;
  return <Bullet share={bad / 5} mark={1 / 5} tone={toneOf(state)} label={label} />;
}

function burnOf({ burns: [first] }: ObjectiveView): number {
  return first?.burn ?? 0;
}

function burnText({ burns }: ObjectiveView): string {
  const [short] = burns;
  return short?.burn === undefined ? "–" : `${number(short.burn)}×`;
}

function Errors({ clusters }: { readonly clusters: readonly ClusterView[] }) {
  const rows = clusters
    .filter(({ cluster, error5xxRps }) => isFound(cluster) && error5xxRps > 0)
    .sort((a, b) => b.error5xxRps - a.error5xxRps);
  if (rows.length === 0) {
    return (
      <p class="note">
        <State state="ok" text="Nothing is answered 5xx" />
      </p>
    );
  }
  return (
    <LongTable
      label="Clusters by errors"
      rows={rows}
      keyOf={({ cluster }) => cluster}
      onPick={({ cluster }) => go({ screen: "debug", search: cluster })}
      height={8}
      columns={[
        { head: "Cluster", cell: ({ cluster }) => cluster, isWide: true },
        { head: "5xx/s", cell: ({ error5xxRps }) => rate(error5xxRps), isNumber: true },
        {
          head: "Share",
          cell: ({ error5xxRps, requestRps }) =>
            percent(requestRps > 0 ? error5xxRps / requestRps : undefined),
          isNumber: true,
        },
        { head: "p99", cell: ({ p99Ms }) => ms(p99Ms), isNumber: true },
      ]}
    />
  );
}

function Approval({ of }: { readonly of: ApprovalView }) {
  const { decision, policy, text, need, from, approvedBy, until } = of;
  const path = `/v1/approvals/${encodeURIComponent(decision)}`;
  return (
    <article class="item">
      <div>
        <strong>{text}</strong>
        <p class="quiet-text">
          Policy {policy} asks {plural(need, "yes", "yeses")} of {from.join(" or ")};{" "}
          {approvedBy.length} so far. Without an answer {ago(until, nowMs.value)}: {of.else}.
        </p>
      </div>
      <div class="row">
        <button type="button" class="small" onClick={() => go({ decision })}>
          Why
        </button>
        <OrderButton
          verb="approve"
          asked={{ title: `Approve ${decision}`, text, path: `${path}/approve`, verb: "Approve" }}
        >
          Approve
        </OrderButton>
        <OrderButton
          verb="reject"
          asked={{
            title: `Reject ${decision}`,
            text,
            path: `${path}/reject`,
            verb: "Reject",
            isDangerous: true,
          }}
        >
          Reject
        </OrderButton>
      </div>
    </article>
  );
}

function OpenIncidents() {
  return (
    <Heard topic="incidents" value={live.incidents}>
      {(incidents) => {
        const open = incidents.filter(({ closedAt }) => closedAt === undefined);
        if (open.length === 0)
          return (
            <p class="note">
              <State state="ok" text="No incident is open" />
            </p>
          );
        return open.map(({ id, title, severity, openedAt, runbook, decisions }) => (
          <article class="item" key={id}>
            <div>
              <strong>{title}</strong>
              <p class="quiet-text">
                <State state={severity} /> {id}, {ago(openedAt, nowMs.value)}
              </p>
            </div>
            <div class="row">
              {decisions.slice(-2).map((decision) => (
                <button type="button" class="small" key={decision} onClick={() => go({ decision })}>
                  Why {decision}
                </button>
              ))}
              <RunbookLink address={runbook} />
            </div>
          </article>
        ));
      }}
    </Heard>
  );
}

function Action({ of }: { readonly of: ActionView }) {
  const { text, knob, by, since, until, isShadow, decision, progress } = of;
  return (
    <article class="item">
      <div>
        <strong>{text}</strong>
        <p class="quiet-text">
          <State state={isShadow ? "shadow" : "in force"} /> by {by.kind} {by.name},{" "}
          {ago(since, nowMs.value)}
          {until !== undefined && `, ends ${ago(until, nowMs.value)}`}
          {progress !== undefined &&
            ` · ${progress.acked} of ${progress.total} Envoys hold it${progress.refused > 0 ? `, ${progress.refused} refuse it` : ""}`}
        </p>
      </div>
      <div class="row">
        {decision !== undefined && (
          <button type="button" class="small" onClick={() => go({ decision })}>
            Why
          </button>
        )}
        <OverrideButton knob={suggestedKnob(knob, by)} />
      </div>
    </article>
  );
}

/** What a person would set to stop this. */
function suggestedKnob(knob: string, by: ActionView["by"]): string {
  const service = /^service\/(.+)\/weights$/.exec(knob)?.[1];
  if (by.kind === "Rollout" && service !== undefined) return `canary.weight@${service}`;
  const limit = /^rateLimit\/(.+)$/.exec(knob)?.[1];
  return limit === undefined ? `policy.${by.name}.mode` : `rateLimit.${limit}.factor`;
}

function Override({ of }: { readonly of: OverrideView }) {
  const { id, by, isClaimed, reason, knob, value, until, brokenBy } = of;
  return (
    <article class="item">
      <div>
        <strong>
          {knob} = {value}
        </strong>
        <p class="quiet-text">
          by {by}
          {isClaimed && " (as a document claims)"}: {reason};{" "}
          {brokenBy !== undefined && `the glass is broken by ${brokenBy.join(" and ")}; `}
          {seconds(Math.max(0, (Date.parse(until) - nowMs.value) / 1000))} left
        </p>
      </div>
      <OrderButton
        verb="endOverride"
        asked={{
          title: "End the override",
          text: `${knob} goes back to what the intent and automation say.`,
          path: `/v1/overrides/${encodeURIComponent(id)}/end`,
          verb: "End it",
        }}
      >
        End
      </OrderButton>
    </article>
  );
}
