import type { SheddingView } from "../../../src/api/view/mesh.ts";
import { ms, number, rate, withoutSubject } from "../format.ts";
import { live } from "../state/live.ts";
import { go, isFound, place } from "../state/place.ts";
import type { Line } from "./chart.tsx";
import { LongTable } from "./long-table.tsx";
import { MarkKey, marksOf } from "./marks.tsx";
import { Heard, Panel } from "./panel.tsx";
import { PastChart } from "./past-chart.tsx";
import { Sharing } from "./sharing.tsx";
import { State } from "./state.tsx";

/** One Shedding: what limit its Envoys found, what is in flight, and which tiers and tenants were let in or shed. */
export function SheddingPanel() {
  const names = [...new Set((live.shedding.value ?? []).map(({ shedding }) => shedding))].sort();
  const shown = names.find((name) => name === place.value.shedding) ?? names[0];
  return (
    <Panel
      title="Shedding"
      aside={names.length > 1 && <Choose names={names} shown={shown ?? ""} />}
    >
      <Heard topic="shedding" value={live.shedding} empty="No Envoy runs a Shedding.">
        {(sheddings) => (
          <>
            {shown !== undefined && <Charts name={shown} />}
            <Scopes sheddings={sheddings} />
            {shown !== undefined && (
              <Sharing of={sheddings.filter(({ shedding }) => shedding === shown)} />
            )}
          </>
        )}
      </Heard>
    </Panel>
  );
}

function Choose({ names, shown }: { readonly names: readonly string[]; readonly shown: string }) {
  return (
    <label class="inline">
      Of
      <select value={shown} onChange={({ currentTarget }) => go({ shedding: currentTarget.value })}>
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

const HUES = [1, 2, 3, 4, 5, 6] as const;

function Charts({ name }: { readonly name: string }) {
  const prefix = `shedding/${name}/`;
  const marks = marksOf(name);
  return (
    <>
      <div class="charts">
        <div>
          <h3>Limit and in flight of {name}, requests</h3>
          <PastChart
            prefix={prefix}
            label={`Limit and in flight of ${name}`}
            unit="requests"
            lineOf={(key): Omit<Line, "values"> | undefined => {
              if (key === "limit") return { name: "limit", hue: 5, isDashed: true };
              return key === "inflight" ? { name: "in flight", hue: 1, isFilled: true } : undefined;
            }}
            marks={marks}
          />
        </div>
        <div>
          <h3>Shed by tier, requests/s</h3>
          <PastChart
            prefix={prefix}
            label={`Shed by tier of ${name}`}
            unit="/s"
            lineOf={(key, index) => tierLine(key, "shedRps", index)}
            marks={marks}
          />
        </div>
        <div>
          <h3>Let in by tier, requests/s</h3>
          <PastChart
            prefix={prefix}
            label={`Let in by tier of ${name}`}
            unit="/s"
            lineOf={(key, index) => tierLine(key, "admittedRps", index)}
            marks={marks}
          />
        </div>
      </div>
      <MarkKey />
    </>
  );
}

function tierLine(key: string, what: string, index: number): Omit<Line, "values"> | undefined {
  const [, tier, kind] = /^tier\/(.+)\/(\w+)$/.exec(key) ?? [];
  if (tier === undefined || kind !== what) return undefined;
  return { name: tier, hue: HUES[index % HUES.length] ?? 1 };
}

function Scopes({ sheddings }: { readonly sheddings: readonly SheddingView[] }) {
  const rows = sheddings.filter(({ shedding, node }) => isFound(`${shedding} ${node}`));
  return (
    <LongTable
      label="Shedding by Envoy"
      rows={rows}
      keyOf={({ shedding, node }) => `${node}/${shedding}`}
      onPick={({ shedding }) => go({ shedding })}
      height={6}
      columns={[
        { head: "Shedding", cell: ({ shedding }) => shedding },
        { head: "Envoy", cell: ({ node }) => node, isHead: true },
        { head: "State", cell: ({ state }) => <State state={state} />, isHead: true },
        { head: "In flight", cell: ({ inflight }) => number(inflight), isNumber: true },
        { head: "Limit", cell: ({ limit }) => number(limit), isNumber: true },
        { head: "Answer", cell: ({ rttMs }) => ms(rttMs), isNumber: true },
        {
          head: "Shed/s",
          cell: ({ tiers }) => rate(tiers.reduce((sum, { shedRps }) => sum + shedRps, 0)),
          isNumber: true,
        },
        {
          head: "Why",
          cell: ({ why }) => <span title={why}>{withoutSubject(why)}</span>,
          isWide: true,
        },
      ]}
    />
  );
}
