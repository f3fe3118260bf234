import type { SheddingView } from "../../../src/api/view/mesh.ts";
import type { ServiceView } from "../../../src/api/view/service.ts";
import { number, percent, rate } from "../format.ts";
import { live } from "../state/live.ts";
import { go, isFound } from "../state/place.ts";
import { Bullet } from "./bars.tsx";
import { LongTable } from "./long-table.tsx";

/** Who gets what of the one limit of a Shedding, given as it is on each Envoy: by tier, and by tenant beside its fair part. */
export function Sharing({ of }: { readonly of: readonly SheddingView[] }) {
  const inflight = of.reduce((sum, each) => sum + (each.inflight ?? 0), 0);
  const limit = of.reduce((sum, each) => sum + (each.limit ?? 0), 0);
  const services = servicesOf(of[0]?.shedding ?? "");
  const parts = services.flatMap(({ name: service, parts: own }) =>
    own.map((part) => ({ service, ...part })),
  );
  return (
    <div class="grid sharing">
      <section class="span-5">
        <h3>By tier</h3>
        <Tiers of={of} parts={parts} />
        <p class="hint">
          No tier and no tenant has a limit of its own: {number(inflight)} are in flight of{" "}
          {number(limit)} now. Of several tiers the first may fill twice the limit. In flight ≈ is
          the mean of the last minute, rate times time, by the requests that were logged.
        </p>
      </section>
      <section class="span-7">
        <h3>By tenant</h3>
        <Tenants parts={parts.filter(({ part }) => part === "tenant")} />
      </section>
    </div>
  );
}

/** Of the service of that name, else all: a Shedding of a Gateway holds requests of several. */
function servicesOf(shedding: string): readonly ServiceView[] {
  const services = live.services.value ?? [];
  const named = services.filter(({ name }) => name === shedding);
  return named.length > 0 ? named : services;
}

type Part = ServiceView["parts"][number] & { readonly service: string };

function Tiers(props: { readonly of: readonly SheddingView[]; readonly parts: readonly Part[] }) {
  const { of, parts } = props;
  const names = [...new Set(of.flatMap(({ tiers }) => tiers.map(({ tier }) => tier)))];
  const rows = names.map((name) => {
    const own = of.flatMap(({ tiers }) => tiers.filter(({ tier }) => tier === name));
    const timed = parts.filter(({ part, name: tier }) => part === "tier" && tier === name);
    return {
      name,
      admittedRps: own.reduce((sum, each) => sum + each.admittedRps, 0),
      shedRps: own.reduce((sum, each) => sum + each.shedRps, 0),
      inflight: timed.some(({ inflight }) => inflight !== undefined)
        ? timed.reduce((sum, each) => sum + (each.inflight ?? 0), 0)
        : undefined,
    };
  });
  return (
    <LongTable
      label="Shedding by tier"
      rows={rows}
      keyOf={({ name }) => name}
      height={5}
      columns={[
        { head: "Tier", cell: ({ name }) => name, isWide: true },
        { head: "Let in/s", cell: ({ admittedRps }) => rate(admittedRps), isNumber: true },
        { head: "Shed/s", cell: ({ shedRps }) => rate(shedRps), isNumber: true },
        { head: "Shed", cell: (row) => shareShed(row.admittedRps, row.shedRps), isNumber: true },
        { head: "In flight ≈", cell: (row) => number(row.inflight, 2), isNumber: true },
      ]}
    />
  );
}

function Tenants({ parts }: { readonly parts: readonly Part[] }) {
  const rows = parts
    .filter(({ service, name }) => isFound(`${service} ${name}`))
    .sort((a, b) => (b.shedRps ?? 0) - (a.shedRps ?? 0) || b.requestRps - a.requestRps);
  if (parts.length === 0)
    return <p class="note">No Shedding here tells tenants apart: spec.tenant names a header.</p>;
  return (
    <>
      <LongTable
        label="Shedding by tenant"
        rows={rows}
        keyOf={({ service, name }) => `${service}/${name}`}
        onPick={({ service, name }) => go({ service, part: `tenant/${name}` })}
        height={5}
        columns={[
          { head: "Tenant", cell: ({ name }) => name },
          { head: "Weight", cell: ({ fair }) => number(fair?.weight), isNumber: true },
          { head: "Asked/s", cell: (row) => rate(askedOf(row)), isNumber: true },
          { head: "Fair/s", cell: ({ fair }) => rate(fair?.rps), isNumber: true },
          { head: "Let in/s", cell: ({ requestRps }) => rate(requestRps), isNumber: true },
          { head: "Let in of fair", cell: (row) => <OfFair of={row} />, isWide: true },
          {
            head: "Shed",
            cell: ({ requestRps, shedRps = 0 }) => shareShed(requestRps, shedRps),
            isNumber: true,
          },
          { head: "In flight ≈", cell: ({ inflight }) => number(inflight, 2), isNumber: true },
        ]}
      />
      <p class="hint">
        Fair: the max-min part by weight of all that was let in, over all tiers; the filter itself
        divides only the tier it sheds in, and not the first of several. By one logged request of a
        hundred over the last minute, so a small tenant is roughly known.
      </p>
    </>
  );
}

/** The mark is its fair part; the bar ends at twice that. */
function OfFair({ of: { name, requestRps, fair } }: { readonly of: Part }) {
  if (fair === undefined || fair.rps <= 0) return <>–</>;
  const share = requestRps / fair.rps;
  const tone = share < 0.7 ? "warn" : "info";
  const label = `${name} got ${percent(share)} of its fair part`;
  return <Bullet share={share / 2} mark={1 / 2} tone={tone} label={label} />;
}

function askedOf({ requestRps, shedRps = 0 }: Part): number {
  return requestRps + shedRps;
}

function shareShed(admitted: number, shed: number): string {
  return percent(admitted + shed > 0 ? shed / (admitted + shed) : undefined);
}
