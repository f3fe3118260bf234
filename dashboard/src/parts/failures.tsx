import type { FailureView } from "../../../src/api/view/failure.ts";
import { clock, ms } from "../format.ts";
import { go, isFound } from "../state/place.ts";
import { LongTable } from "./long-table.tsx";
import { Empty } from "./panel.tsx";

/** Sampled requests that failed: from a decision to its traces, and back. */
export function Failures({ failures }: { readonly failures: readonly FailureView[] }) {
  const rows = failures.filter((each) => isFound(searched(each)));
  if (rows.length === 0) return <Empty text="No sampled failure of that name." />;
  return (
    <LongTable
      label="Sampled failures"
      rows={rows}
      keyOf={({ id }) => id}
      height={8}
      columns={[
        { head: "When", cell: ({ at }) => clock(at) },
        { head: "Service", cell: ({ service, version }) => `${service} ${version}`, isHead: true },
        { head: "Endpoint", cell: ({ endpoint }) => endpoint || "none reached", isWide: true },
        { head: "Status", cell: ({ status }) => (status === 0 ? "none" : status), isNumber: true },
        { head: "Took", cell: ({ ms: took }) => ms(took), isNumber: true },
        { head: "Tier", cell: ({ tier }) => tier ?? "–" },
        { head: "Tenant", cell: ({ tenant }) => tenant ?? "–" },
        { head: "Envoy", cell: ({ node }) => node },
        { head: "Trace", cell: (row) => <Trace of={row} /> },
        { head: "In force then", cell: (row) => <Decisions of={row} /> },
      ]}
    />
  );
}

function searched({
  id,
  service,
  version,
  endpoint,
  node,
  traceId = "",
  tenant = "",
}: FailureView) {
  return `${service} ${version} ${service}.${version} ${endpoint} ${node} ${traceId} ${tenant} ${id}`;
}

/** Characters of an id that tell it from the others on a screen. */
const SHOWN = 12;

/** Its own address: whoever is sent it sees this request. */
function Trace({ of: { traceId, requestId } }: { readonly of: FailureView }) {
  const shown = traceId ?? requestId;
  if (shown === "") return <>–</>;
  return (
    <button type="button" class="link" title={shown} onClick={() => go({ search: shown })}>
      <code>{shown.length > SHOWN ? `${shown.slice(0, SHOWN)}…` : shown}</code>
    </button>
  );
}

function Decisions({ of: { decisions } }: { readonly of: FailureView }) {
  if (decisions.length === 0) return <>–</>;
  return (
    <>
      {decisions.slice(0, 2).map((decision) => (
        <button type="button" class="link" key={decision} onClick={() => go({ decision })}>
          {decision}
        </button>
      ))}
    </>
  );
}
