import type { ServiceView } from "../../../src/api/view/service.ts";
import { ago, clock, number, percent, plural, rate } from "../format.ts";
import { HeatMap } from "../parts/heat-map.tsx";
import { LongTable } from "../parts/long-table.tsx";
import { Empty, Heard, Panel } from "../parts/panel.tsx";
import { RunbookLink } from "../parts/runbook-link.tsx";
import { State } from "../parts/state.tsx";
import { MeshTiles, Tile } from "../parts/tiles.tsx";
import { Timeline } from "../parts/timeline.tsx";
import { decided } from "../state/decided.ts";
import { live, missing } from "../state/live.ts";
import { nowMs } from "../state/now.ts";
import { go, isFound, place } from "../state/place.ts";

/** How the whole stands: objectives, budgets, cost, incidents. */
export function Executive() {
  return (
    <>
      <MeshTiles />
      {!missing.value.has("services") && <ObjectiveTiles />}
      <div class="grid">
        <Panel title="Error budgets" span={7}>
          <Heard topic="services" value={live.services}>
            {(services) => <Budgets services={services} />}
          </Heard>
        </Panel>
        <Panel title="Cost per request" span={5}>
          <Heard topic="services" value={live.services}>
            {(services) => <Costs services={services} />}
          </Heard>
        </Panel>
        <Panel title="Incidents">
          <Incidents />
        </Panel>
      </div>
    </>
  );
}

function ObjectiveTiles() {
  const services = live.services.value;
  const incidents = live.incidents.value;
  if (services === undefined) return null;
  const withObjectives = services.filter(({ objectives }) => objectives.length > 0);
  const known = withObjectives.filter(({ objectives }) =>
    objectives.every(({ state }) => state !== "unknown"),
  );
  const well = known.filter(({ objectives }) =>
    objectives.every(({ state }) => state !== "spent"),
  ).length;
  const unknown = withObjectives.length - known.length;
  const rows = budgetRows(services);
  const worst = rows[0];
  const costs = services.filter(({ cost }) => cost !== undefined);
  const requests = costs.reduce((sum, { requestRps = 0 }) => sum + requestRps, 0);
  const perSecond = costs.reduce(
    (sum, { cost, requestRps = 0 }) => sum + (cost?.perRequest ?? 0) * requestRps,
    0,
  );
  const open = incidents?.filter(({ closedAt }) => closedAt === undefined).length;
  return (
    <div class="tiles">
      <Tile
        title="Services in their objective"
        value={known.length === 0 ? "–" : percent(well / known.length)}
      >
        {well} of {plural(known.length, "service")}
        {unknown > 0 && `, of ${unknown} it is not known`}
      </Tile>
      <Tile title="Least budget left" value={percent(worst?.objective.budgetLeft)}>
        {worst?.objective.name}
      </Tile>
      <Tile
        title="Cost of 1,000 requests"
        value={requests > 0 ? money((1000 * perSecond) / requests, costs) : "–"}
      >
        {requests > 0 ? `${money(3600 * perSecond, costs)} an hour` : "no cost is known"}
      </Tile>
      <Tile title="Open incidents" value={open === undefined ? "–" : String(open)}>
        {open === 0 ? (
          <State state="ok" text="quiet" />
        ) : (
          open !== undefined && <State state="open" text="see below" />
        )}
      </Tile>
    </div>
  );
}

function money(value: number, [first]: readonly ServiceView[]): string {
  return `${number(value)} ${first?.cost?.currency ?? ""}`;
}

function budgetRows(services: readonly ServiceView[]) {
  return services
    .flatMap(({ name, objectives }) =>
      objectives.map((objective) => ({ service: name, objective })),
    )
    .sort((a, b) => (a.objective.budgetLeft ?? 2) - (b.objective.budgetLeft ?? 2));
}

function Budgets({ services }: { readonly services: readonly ServiceView[] }) {
  const { attention } = place.value;
  const rows = budgetRows(services).filter(
    ({ service, objective }) =>
      isFound(`${service} ${objective.name}`) && (!attention || objective.state !== "met"),
  );
  if (rows.length === 0) return <Empty text="No objective of that name." />;
  return <HeatMap rows={rows} />;
}

function Costs({ services }: { readonly services: readonly ServiceView[] }) {
  const rows = services
    .filter(({ name, cost }) => cost !== undefined && isFound(name))
    .sort((a, b) => hourly(b) - hourly(a));
  if (rows.length === 0)
    return (
      <Empty text="No cost is known: a signal named cost.… says what a service costs an hour." />
    );
  return (
    <LongTable
      label="Cost by service"
      rows={rows}
      keyOf={({ name }) => name}
      onPick={({ name }) => go({ screen: "debug", service: name })}
      height={9}
      columns={[
        { head: "Service", cell: ({ name }) => name, isWide: true },
        { head: "Requests/s", cell: ({ requestRps }) => rate(requestRps), isNumber: true },
        {
          head: "Per 1,000",
          cell: ({ cost }) => `${number(1000 * (cost?.perRequest ?? 0))} ${cost?.currency ?? ""}`,
          isNumber: true,
        },
        {
          head: "An hour",
          cell: (row) => `${number(hourly(row))} ${row.cost?.currency ?? ""}`,
          isNumber: true,
        },
      ]}
    />
  );
}

function hourly({ cost, requestRps = 0 }: ServiceView): number {
  return 3600 * requestRps * (cost?.perRequest ?? 0);
}

function Incidents() {
  const { range } = place.value;
  return (
    <Heard topic="incidents" value={live.incidents} empty="No incident is known.">
      {(incidents) => (
        <>
          <Timeline
            incidents={incidents}
            decisions={decided.value}
            nowMs={nowMs.value}
            seconds={range}
          />
          <ul class="feed">
            {incidents
              .slice(0, 10)
              .map(({ id, title, service, severity, openedAt, closedAt, runbook }) => (
                <li key={id} class="feed-row">
                  <State state={closedAt === undefined ? "open" : "closed"} />
                  <strong>{title}</strong>
                  <RunbookLink address={runbook} />
                  <span class="quiet-text">
                    {id}, {severity}
                    {service !== undefined && `, ${service}`}, {clock(openedAt)}
                    {closedAt === undefined
                      ? `, ${ago(openedAt, nowMs.value)}`
                      : ` to ${clock(closedAt)}`}
                  </span>
                </li>
              ))}
          </ul>
        </>
      )}
    </Heard>
  );
}
