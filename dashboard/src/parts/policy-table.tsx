import type { PolicyView } from "../../../src/api/view/operation.ts";
import { ago, number, plural } from "../format.ts";
import { nowMs } from "../state/now.ts";
import { isFound } from "../state/place.ts";
import { LongTable } from "./long-table.tsx";
import { OrderButton } from "./order-button.tsx";
import { OverrideButton } from "./override-button.tsx";
import { Empty } from "./panel.tsx";
import { State } from "./state.tsx";

/** Every Policy: whether it acts, how it decides, whether its breaker lets it, and what it was good for. */
export function PolicyTable({ policies }: { readonly policies: readonly PolicyView[] }) {
  const rows = policies.filter(({ name, owner, service = "" }) =>
    isFound(`${name} ${owner} ${service}`),
  );
  if (rows.length === 0) return <Empty text="No Policy of that name." />;
  return (
    <LongTable
      label="Policies and how each stands"
      rows={rows}
      keyOf={({ name }) => name}
      height={8}
      columns={[
        { head: "Policy", cell: ({ name, owner }) => <span title={owner}>{name}</span> },
        { head: "Mode", cell: ({ mode }) => <State state={mode} />, isHead: true },
        {
          head: "Method",
          cell: ({ method, methodWhy }) => (
            <span title={methodWhy}>
              <State
                state={methodWhy === undefined ? method : "fallen back"}
                text={methodWhy === undefined ? method : `${method}, fallen back`}
              />
            </span>
          ),
        },
        {
          head: "Breaker",
          cell: ({ breaker }) => <State state={`breaker ${breaker}`} text={breaker} />,
        },
        { head: "Last act", cell: ({ lastAct }) => lastAct && ago(lastAct, nowMs.value) },
        { head: "Acted", cell: ({ ledger }) => number(ledger.acted), isNumber: true },
        { head: "Helped", cell: ({ ledger }) => number(ledger.helped), isNumber: true },
        { head: "Harmed", cell: ({ ledger }) => number(ledger.harmed), isNumber: true },
        {
          head: "Note",
          cell: (row) => <span title={noteOf(row)}>{noteOf(row)}</span>,
          isWide: true,
        },
        { head: "Orders", cell: (row) => <Orders of={row} /> },
      ]}
    />
  );
}

function noteOf({ breakerWhy, methodWhy, mode, shadow, ledger }: PolicyView): string {
  const inShadow =
    mode === "shadow" ? `would have acted ${plural(shadow.acts, "time")} in 14 days` : undefined;
  return breakerWhy ?? methodWhy ?? ledger.retire ?? inShadow ?? "";
}

function Orders({ of: { name, mode, shadow } }: { readonly of: PolicyView }) {
  if (mode !== "shadow" || shadow.whyNot !== undefined)
    return <OverrideButton knob={`policy.${name}.mode`} />;
  return (
    <OrderButton
      verb="promotePolicy"
      asked={{
        title: `Promote ${name}`,
        text: "It acts from now on; its report in shadow is within bounds.",
        path: `/v1/policies/${encodeURIComponent(name)}/promote`,
        verb: "Promote",
      }}
    >
      Promote
    </OrderButton>
  );
}
