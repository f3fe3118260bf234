import type { NodeView } from "../../../src/api/view/mesh.ts";
import { seconds } from "../format.ts";
import { go, isFound, place } from "../state/place.ts";
import { type Column, LongTable } from "./long-table.tsx";
import { Empty } from "./panel.tsx";
import { State } from "./state.tsx";

/** One row an Envoy, one column a resource type. */
const TYPES = ["CDS", "EDS", "LDS", "RDS", "ECDS", "SDS", "RTDS"];
const STATES = ["SYNCED", "STALE", "NOT SENT", "REJECTED"];

export function SyncFilter() {
  const { sync } = place.value;
  return (
    <label class="inline">
      Show
      <select value={sync} onChange={({ currentTarget }) => go({ sync: currentTarget.value })}>
        <option value="">all</option>
        <option value="attention">what needs attention</option>
        {STATES.map((state) => (
          <option key={state} value={state}>
            {state}
          </option>
        ))}
      </select>
    </label>
  );
}

export function SyncTable({ nodes }: { readonly nodes: readonly NodeView[] }) {
  const { sync, attention } = place.value;
  const rows = nodes.filter(
    (node) =>
      isFound(`${node.id} ${node.role ?? ""}`) &&
      (!(attention || sync === "attention") || needsAttention(node)) &&
      (sync === "" || sync === "attention" || node.sync === sync),
  );
  if (rows.length === 0) return <Empty text="No Envoy of that kind." />;
  const used = TYPES.filter((type) =>
    nodes.some((node) => node.types.some((each) => each.type === type)),
  );
  const byType = used.map(
    (type): Column<NodeView> => ({
      head: type,
      cell: (node) => <TypeState node={node} type={type} />,
    }),
  );
  return (
    <>
      <LongTable
        label="Envoys and what each holds"
        rows={rows}
        keyOf={({ id }) => id}
        columns={[
          { head: "Envoy", cell: ({ id }) => id },
          { head: "Runs", cell: ({ role }) => role ?? "has not said", isHead: true },
          {
            head: "Stream",
            cell: ({ connected }) => <State state={connected ? "connected" : "gone"} />,
            isHead: true,
          },
          ...byType,
          {
            head: "Evidence",
            cell: ({ state, ageMs = 0 }) =>
              state === undefined ? (
                "–"
              ) : (
                <State state={state} text={`${state}, ${seconds(ageMs / 1000)}`} />
              ),
          },
        ]}
      />
      <Refusals nodes={rows} />
    </>
  );
}

function needsAttention({ sync, connected, state }: NodeView): boolean {
  return sync !== "SYNCED" || !connected || (state !== undefined && state !== "ok");
}

function TypeState({ node, type }: { readonly node: NodeView; readonly type: string }) {
  const held = node.types.find((each) => each.type === type);
  if (held === undefined) return <span class="quiet-text">–</span>;
  return <State state={held.state} />;
}

/** What an Envoy refuses, in its own words. */
function Refusals({ nodes }: { readonly nodes: readonly NodeView[] }) {
  const refused = nodes.flatMap(({ id, types }) =>
    types.flatMap(({ type, rejections }) =>
      rejections.map(({ name, message }) => ({ key: `${id} ${type} ${name}`, message })),
    ),
  );
  if (refused.length === 0) return null;
  return (
    <ul class="feed">
      {refused.slice(0, 20).map(({ key, message }) => (
        <li class="feed-row" key={key}>
          <State state="REJECTED" />
          <strong>{key}</strong>
          <code>{message}</code>
        </li>
      ))}
    </ul>
  );
}
