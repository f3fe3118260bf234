import { useEffect, useMemo, useState } from "preact/hooks";
import type { ServiceView } from "../../../src/api/view/service.ts";
import { ms, percent, rate } from "../format.ts";
import { get } from "../state/api.ts";
import { go, place } from "../state/place.ts";
import { HistogramBars } from "./bars.tsx";
import { LongTable } from "./long-table.tsx";
import { Empty } from "./panel.tsx";
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
        <Choose names={services.map((each) => each.name)} shown={name} />
        <State state={state} />
        <span class="quiet-text">
          {owner}, {rate(requestRps)} requests/s, {percent(errorRatio)} errors, p50 {atMost(p50Ms)},
          p95 {atMost(p95Ms)}, p99 {atMost(p99Ms)}
        </span>
      </div>
      <h3>Times of the last minute, {place.value.part || "all of it"}</h3>
      {place.value.part === "" ? (
        <Times buckets={histogram} />
      ) : (
        <PartTimes key={name} service={name} part={place.value.part} />
      )}
      <h3>Versions, localities, endpoints, tiers, tenants</h3>
      <LongTable
        label="Parts of the service"
        rows={parts}
        keyOf={({ part, name: of }) => `${part}/${of}`}
        height={7}
        onPick={({ part, name: of }) =>
          go({ part: place.value.part === `${part}/${of}` ? "" : `${part}/${of}` })
        }
        columns={[
          { head: "Part", cell: ({ part }) => part },
          { head: "Name", cell: (row) => row.name, isWide: true, isHead: true },
          { head: "Requests/s", cell: (row) => rate(row.requestRps), isNumber: true },
          { head: "Errors", cell: (row) => percent(row.errorRatio), isNumber: true },
          { head: "p95", cell: (row) => atMost(row.p95Ms), isNumber: true },
        ]}
      />
    </>
  );
}

/** Quantiles are edges of buckets, and this is the last: what is beyond it is only known to be. */
const LAST_EDGE_MS = 10_000;

function atMost(value: number | undefined): string {
  return value === LAST_EDGE_MS ? "over 10 s" : ms(value);
}

/** A thousand options are made once, not each second. */
function Choose({ names, shown }: { readonly names: readonly string[]; readonly shown: string }) {
  const options = useMemo(
    () =>
      names.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      )),
    [names.join()],
  );
  return (
    <label>
      Service
      <select
        value={shown}
        onChange={({ currentTarget }) => go({ service: currentTarget.value, part: "" })}
      >
        {options}
      </select>
    </label>
  );
}

function Times({ buckets }: { readonly buckets: ServiceView["histogram"] }) {
  if (buckets === undefined) return <Empty text="No time was measured in the last minute." />;
  return <HistogramBars buckets={buckets} />;
}

const AGAIN_MS = 2000;

/** Asked for apart: the list of all services has no room for it. */
function PartTimes({ service, part }: { readonly service: string; readonly part: string }) {
  const [shown, setShown] = useState<ServiceView | string | undefined>(undefined);
  useEffect(() => {
    const over = new AbortController();
    const load = async () => {
      const path = `/v1/services/${encodeURIComponent(service)}`;
      const answer = await get<ServiceView>(path, over.signal);
      if (!over.signal.aborted) setShown(answer.ok ? answer.value : answer.why);
    };
    void load();
    const timer = setInterval(() => void load(), AGAIN_MS);
    return () => {
      over.abort();
      clearInterval(timer);
    };
  }, [service]);
  if (shown === undefined) return <Empty text="Loading…" />;
  if (typeof shown === "string") return <p class="note failure">{shown}</p>;
  return (
    <Times
      buckets={shown.parts.find(({ part: of, name }) => `${of}/${name}` === part)?.histogram}
    />
  );
}
