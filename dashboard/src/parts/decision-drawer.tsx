import { useEffect, useState } from "preact/hooks";
import type { DecisionDetail } from "../../../src/api/view/decision.ts";
import type { JudgementView } from "../../../src/api/view/mesh.ts";
import { ago, clock, ms, number, percent } from "../format.ts";
import { get } from "../state/api.ts";
import { live } from "../state/live.ts";
import { nowMs } from "../state/now.ts";
import { go, place } from "../state/place.ts";
import { Chart } from "./chart.tsx";
import { Dialog } from "./dialog.tsx";
import { kindOf } from "./marks.tsx";
import { Loading } from "./panel.tsx";
import { State } from "./state.tsx";

/** Why: one decision with all it rests on. Opened by its id in the address, so it can be sent to somebody. */
export function DecisionDrawer() {
  const { decision } = place.value;
  if (decision === "") return null;
  const judgement = live.judgements.value?.find(({ id }) => id === decision);
  const close = () => go({ decision: "" });
  return (
    <Dialog key={decision} title={`Why: ${decision}`} kind="drawer" onClose={close}>
      {judgement === undefined ? <Detail id={decision} /> : <Judgement of={judgement} />}
    </Dialog>
  );
}

function Detail({ id }: { readonly id: string }) {
  const [detail, setDetail] = useState<DecisionDetail | string | undefined>(undefined);
  useEffect(() => {
    const over = new AbortController();
    void get<DecisionDetail>(`/v1/decisions/${encodeURIComponent(id)}`, over.signal).then(
      (answer) => {
        if (!over.signal.aborted) setDetail(answer.ok ? answer.value : answer.why);
      },
    );
    return () => over.abort();
  }, [id]);
  if (detail === undefined) return <Loading />;
  if (typeof detail === "string") return <p class="note failure">{detail}</p>;
  return <Why of={detail} />;
}

function Why({ of }: { readonly of: DecisionDetail }) {
  const { subject, verdict, actor, at, because, outcome, latency, plot } = of;
  return (
    <div class="why">
      <p class="lead">
        <strong>
          {subject.kind} {subject.name}: {verdict}
        </strong>
        {of.mode === "shadow" && <State state="shadow" />}
      </p>
      <p class="quiet-text">
        {clock(at)}, {ago(at, nowMs.value)}, by {actor}
        {latency !== undefined &&
          ` · decided ${ms(latency.decideMs)} after the second it judged${latency.applyMs === undefined ? "" : `, held by all Envoys ${ms(latency.applyMs)} later`}`}
      </p>
      {because.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {outcome !== undefined && (
        <p>
          <State state={outcome.state} /> {outcome.text}
        </p>
      )}
      {plot !== undefined && <EvidencePlot plot={plot} of={of} />}
      <List
        title="Seen"
        items={of.seen.map(({ what, value, threshold, windowSeconds }) =>
          [
            `${what}: ${typeof value === "number" ? number(value, 5) : (value ?? "unknown")}`,
            windowSeconds === undefined ? "" : ` over ${windowSeconds} s`,
            threshold === undefined ? "" : ` (${threshold})`,
          ].join(""),
        )}
      />
      <List
        title="Believed"
        items={of.believed.map(({ what, chance }) => `${percent(chance)}: ${what}`)}
      />
      <Weighed of={of.weighed} />
      <List
        title="Guards"
        items={of.guards.map(
          ({ name, passed, text }) => `${name} ${passed ? "passed" : "forbids it"}: ${text}`,
        )}
      />
      <List title="What would have changed it" items={of.flip === undefined ? [] : [of.flip]} />
      <List title="Did" items={of.action === undefined ? [] : [of.action]} />
      <List title="Way back" items={of.wayBack === undefined ? [] : [of.wayBack]} />
      <Related title="Follows from" ids={of.causes} />
      <Later of={of.later} />
      <Traces ids={of.traceIds ?? []} />
    </div>
  );
}

/** By expected gain over doing nothing; what was done stands beside the best that was not. */
function Weighed({ of }: { readonly of: DecisionDetail["weighed"] }) {
  if (of.length === 0) return null;
  return (
    <>
      <h3>Weighed against each other</h3>
      <ul class="weighed">
        {of.map(({ text, place: which, gain, pBenefit, why }) => (
          <li key={text}>
            <span class="row">
              {which !== undefined && <State state={which} text={PLACES[which]} />}
              <strong>{text}</strong>
              <span class="quiet-text">
                {gain === undefined ? "not weighed" : `expected gain ${number(gain)}`}
                {pBenefit !== undefined && `, better than nothing with ${percent(pBenefit)}`}
              </span>
            </span>
            <span class="feed-why">{why}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

const PLACES = { chosen: "chosen", "runner-up": "runner-up", nothing: "doing nothing" } as const;

/** With a mark where it was decided. */
function EvidencePlot(props: {
  readonly plot: NonNullable<DecisionDetail["plot"]>;
  readonly of: DecisionDetail;
}) {
  const { plot, of } = props;
  const kind = kindOf(of.kind, of.subject.kind) ?? "action";
  const mark = { at: Date.parse(of.at) / 1000, kind, text: of.verdict, decision: of.id };
  const lines = plot.lines.flatMap(({ name, values, threshold }, at) => [
    { name, values, hue: ((at % 3) + 1) as 1 | 2 | 3, isFilled: at === 0, isDashed: at > 0 },
    ...(threshold === undefined
      ? []
      : [
          {
            name: "threshold",
            values: plot.times.map(() => threshold),
            hue: 5 as const,
            isDashed: true,
          },
        ]),
  ]);
  // A logarithm knows no 0.
  const isLog = plot.lines.every(({ values }) => values.every((each) => each !== null && each > 0));
  return (
    <Chart
      label="Evidence"
      unit=""
      times={plot.times}
      lines={lines}
      isLog={isLog && plot.lines.some(({ threshold }) => threshold !== undefined)}
      height={200}
      seconds={(plot.times.at(-1) ?? 0) - (plot.times[0] ?? 0)}
      marks={[mark]}
    />
  );
}

/** What came of it, one line each. */
function Later({ of }: { readonly of: DecisionDetail["later"] }) {
  if (of.length === 0) return null;
  return (
    <>
      <h3>Then</h3>
      <ul class="weighed">
        {of.map(({ id, at, subject, verdict, because }) => (
          <li key={id}>
            <span class="row">
              <button type="button" class="link" onClick={() => go({ decision: id })}>
                {subject.kind} {subject.name}: {verdict}
              </button>
              <span class="quiet-text">{clock(at)}</span>
            </span>
            <span class="feed-why">{because[0]}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** To the sampled request on Debug, by its trace id. */
function Traces({ ids }: { readonly ids: readonly string[] }) {
  if (ids.length === 0) return null;
  return (
    <>
      <h3>Traces it rests on</h3>
      <ul>
        {ids.map((id) => (
          <li key={id}>
            <button
              type="button"
              class="link"
              onClick={() => go({ screen: "debug", search: id, decision: "" })}
            >
              <code>{id}</code>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function List({ title, items }: { readonly title: string; readonly items: readonly string[] }) {
  if (items.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul>
        {items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </>
  );
}

function Related({ title, ids }: { readonly title: string; readonly ids: readonly string[] }) {
  if (ids.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <p class="row">
        {ids.map((id) => (
          <button type="button" class="link" key={id} onClick={() => go({ decision: id })}>
            {id}
          </button>
        ))}
      </p>
    </>
  );
}

function Judgement({ of }: { readonly of: JudgementView }) {
  const { shedding, node, from, to, why, at, limit, inflight } = of;
  return (
    <div class="why">
      <p class="lead">
        <strong>
          Shedding {shedding} on {node}
        </strong>
      </p>
      <p class="row">
        {from !== undefined && (
          <>
            <State state={from} /> then
          </>
        )}
        <State state={to} />
      </p>
      <p class="quiet-text">
        {clock(at)}, {ago(at, nowMs.value)}, by the filter's own law
      </p>
      <p>{why}</p>
      <List
        title="Seen"
        items={[
          ...(limit === undefined ? [] : [`limit found: ${number(limit)} requests`]),
          ...(inflight === undefined ? [] : [`in flight: ${number(inflight)} requests`]),
        ]}
      />
      <p>
        <button type="button" onClick={() => go({ screen: "debug", shedding, decision: "" })}>
          Show its charts
        </button>
      </p>
    </div>
  );
}
