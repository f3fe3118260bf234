import type { DecisionView } from "../../../src/api/view/decision.ts";
import { ago, clock, ms, withoutSubject } from "../format.ts";
import { decided, isDecidedCut } from "../state/decided.ts";
import { live, missing } from "../state/live.ts";
import { nowMs } from "../state/now.ts";
import { go, isFound, place } from "../state/place.ts";
import { type Column, LongTable } from "./long-table.tsx";
import { Empty } from "./panel.tsx";
import { State } from "./state.tsx";

/** What the engine decided and how the filter's scopes were judged, in one list by time. */
export interface LogRow {
  readonly id: string;
  readonly at: string;
  readonly kind: string;
  readonly subject: string;
  readonly verdict: string;
  readonly why: string;
  readonly actor: string;
  readonly isShadow: boolean;
  readonly outcome?: string;
  readonly latencyMs?: number;
}

export function logRows(): LogRow[] {
  const engine = decided.value.map(toRow);
  const judged = (live.judgements.value ?? []).map(
    ({ id, at, shedding, node, to, why }): LogRow => ({
      ...{ id, at, kind: "judgement", subject: `${shedding} on ${node}`, verdict: to },
      why: withoutSubject(why),
      ...{ actor: "filter", isShadow: false },
    }),
  );
  return [...engine, ...judged].sort((a, b) => (a.at < b.at ? 1 : -1));
}

function toRow(view: DecisionView): LogRow {
  const { id, at, kind, subject, verdict, because, actor, mode, outcome, latency } = view;
  return {
    ...{ id, at, kind, verdict, actor, isShadow: mode === "shadow" },
    subject: `${subject.kind} ${subject.name}`,
    why: because[0] ?? "",
    ...(outcome !== undefined && { outcome: outcome.state }),
    ...(latency !== undefined && { latencyMs: latency.decideMs + (latency.applyMs ?? 0) }),
  };
}

export function DecisionLog() {
  const { kind, range } = place.value;
  const since = new Date(nowMs.value - range * 1000).toISOString();
  const recent = logRows().filter(({ at }) => at >= since);
  // The chosen one stays in the list when nothing of it is there any more.
  const kinds = new Set([...recent.map((row) => row.kind), kind].filter((each) => each !== ""));
  const rows = recent.filter(
    (row) =>
      (kind === "" || row.kind === kind) &&
      isFound(`${row.subject} ${row.verdict} ${row.why} ${row.actor} ${row.id}`),
  );
  return (
    <>
      <div class="row tools">
        <label>
          Kind
          <select value={kind} onChange={({ currentTarget }) => go({ kind: currentTarget.value })}>
            <option value="">all</option>
            {[...kinds].sort().map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </label>
        {missing.value.has("decisions") && (
          <span class="note">No engine here: only judgements of the filter.</span>
        )}
        {isDecidedCut.value && (
          <span class="note">The newest of this range only; a shorter one shows all.</span>
        )}
      </div>
      {rows.length === 0 ? (
        <Empty text="Nothing of that kind in this time range." />
      ) : (
        <LongTable
          label="Log of decisions"
          rows={rows}
          columns={COLUMNS}
          keyOf={({ id, kind: of }) => `${of}/${id}`}
          onPick={({ id }) => go({ decision: id })}
        />
      )}
    </>
  );
}

const COLUMNS: readonly Column<LogRow>[] = [
  { head: "When", cell: ({ at }) => clock(at) },
  { head: "About", cell: ({ subject }) => subject, isHead: true },
  {
    head: "Verdict",
    cell: ({ verdict, isShadow, kind }) => (
      <>
        {kind === "judgement" ? <State state={verdict} /> : <strong>{verdict}</strong>}{" "}
        {isShadow && <State state="shadow" />}
      </>
    ),
    isHead: true,
  },
  { head: "Why", cell: ({ why }) => <span title={why}>{why}</span>, isWide: true },
  { head: "Outcome", cell: ({ outcome }) => outcome !== undefined && <State state={outcome} /> },
  { head: "By", cell: ({ actor }) => actor },
  { head: "Latency", cell: ({ latencyMs }) => ms(latencyMs), isNumber: true },
];

export function RecentActions() {
  const rows = logRows()
    .filter(({ kind }) => kind !== "judgement")
    .slice(0, 8);
  const shown = rows.length > 0 ? rows : logRows().slice(0, 8);
  if (shown.length === 0) return <Empty text="Nothing was decided yet." />;
  return (
    <ol class="feed">
      {shown.map(({ id, at, subject, verdict, why, outcome, isShadow, kind, actor }) => (
        <li key={id}>
          <button type="button" class="feed-item" onClick={() => go({ decision: id })}>
            <span class="feed-head">
              <strong>{subject}</strong>
              {kind === "judgement" ? <State state={verdict} /> : <span>{verdict}</span>}
              {isShadow && <State state="shadow" />}
              {outcome !== undefined && <State state={outcome} />}
              <span class="quiet-text">
                {ago(at, nowMs.value)}, {actor}
              </span>
            </span>
            <span class="feed-why">{why}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}
