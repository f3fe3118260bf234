import type { ServiceView } from "../../../src/api/view/service.ts";
import { ms, percent, rate } from "../format.ts";
import { go, place } from "../state/place.ts";
import { HistogramBars } from "./bars.tsx";
import { LongTable } from "./long-table.tsx";
import { State } from "./state.tsx";

/** One service: its times, and each part of it that counts apart. */
export function ServiceDetail({ services }: { readonly services: readonly ServiceView[] }) {
  const asked = place.value.service;
  const shown = services.find(({ name }) => name === asked) ?? services[0];
  if (shown === undefined) return null;
  const { name, owner, state, requestRps, errorRatio, p50Ms, p95Ms, p99Ms, histogram, parts } =
    shown;
  return (
    <>
      <div class="row tools">
        <label>
          Service
          <select
            value={name}
            onChange={({ currentTarget }) => go({ service: currentTarget.value })}
          >
            {services.map((each) => (
              <option key={each.name} value={each.name}>
                {each.name}
              </option>
            ))}
          </select>
        </label>
        <State state={state} />
        <span class="quiet-text">
          {owner}, {rate(requestRps)} requests/s, {percent(errorRatio)} errors, p50 {ms(p50Ms)}, p95{" "}
          {ms(p95Ms)}, p99 {ms(p99Ms)}
        </span>
      </div>
      {histogram !== undefined && (
        <>
          <h3>Times of the last minute</h3>
          <HistogramBars buckets={histogram} />
        </>
      )}
      <h3>Versions, localities, tiers, tenants</h3>
      <LongTable
        label="Parts of the service"
        rows={parts}
        keyOf={({ part, name: of }) => `${part}/${of}`}
        height={7}
        columns={[
          { head: "Part", cell: ({ part }) => part },
          { head: "Name", cell: (row) => row.name, isWide: true },
          { head: "Requests/s", cell: (row) => rate(row.requestRps), isNumber: true },
          { head: "Errors", cell: (row) => percent(row.errorRatio), isNumber: true },
          { head: "p95", cell: (row) => ms(row.p95Ms), isNumber: true },
        ]}
      />
    </>
  );
}
