import { ClusterTable, ErrorChart } from "../parts/cluster-table.tsx";
import { DecisionLog } from "../parts/decision-log.tsx";
import { Failures } from "../parts/failures.tsx";
import { Heard, Jump, Panel } from "../parts/panel.tsx";
import { PolicyTable } from "../parts/policy-table.tsx";
import { RolloutTree } from "../parts/rollout-tree.tsx";
import { ServiceDetail } from "../parts/service-detail.tsx";
import { SheddingPanel } from "../parts/shedding-panel.tsx";
import { SyncFilter, SyncTable } from "../parts/sync-table.tsx";
import { MeshTiles } from "../parts/tiles.tsx";
import { live } from "../state/live.ts";

const PANELS = [
  "Shedding",
  "Decisions",
  "Errors over time",
  "Components",
  "Failed requests",
  "Policies",
  "Envoys",
  "Service",
  "Rollouts",
];

/** Everything there is to know, by name. */
export function Debug() {
  return (
    <>
      <MeshTiles />
      <Jump titles={PANELS} />
      <div class="grid">
        <SheddingPanel />
        <Panel title="Decisions">
          <DecisionLog />
        </Panel>
        <Panel title="Errors over time" span={5}>
          <ErrorChart />
        </Panel>
        <Panel title="Components" span={7}>
          <Heard
            topic="clusters"
            value={live.clusters}
            empty="No Envoy has reported a cluster yet."
          >
            {(clusters) => <ClusterTable clusters={clusters} />}
          </Heard>
        </Panel>
        <Panel title="Failed requests">
          <Heard topic="failures" value={live.failures} empty="No sampled request has failed.">
            {(failures) => <Failures failures={failures} />}
          </Heard>
        </Panel>
        <Panel title="Policies">
          <Heard topic="policies" value={live.policies} empty="No Policy is in the intent.">
            {(policies) => <PolicyTable policies={policies} />}
          </Heard>
        </Panel>
        <Panel title="Envoys" aside={<SyncFilter />}>
          <Heard
            topic="nodes"
            value={live.nodes}
            empty="No Envoy has connected yet: qmesh bootstrap prints how."
          >
            {(nodes) => <SyncTable nodes={nodes} />}
          </Heard>
        </Panel>
        <Panel title="Service" span={6}>
          <Heard topic="services" value={live.services} empty="No service is known.">
            {(services) => <ServiceDetail services={services} />}
          </Heard>
        </Panel>
        <Panel title="Rollouts" span={6}>
          <Heard topic="rollouts" value={live.rollouts} empty="No Rollout is in the intent.">
            {(rollouts) => rollouts.map((each) => <RolloutTree key={each.name} of={each} />)}
          </Heard>
        </Panel>
      </div>
    </>
  );
}
