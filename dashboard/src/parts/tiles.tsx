import type { ComponentChildren } from "preact";
import type { ClusterView } from "../../../src/api/view/mesh.ts";
import { number, percent, plural, rate } from "../format.ts";
import { live } from "../state/live.ts";
import { State } from "./state.tsx";

/** The mesh in five numbers, on every screen. */
interface TileProps {
  readonly title: string;
  readonly value: string;
  readonly children?: ComponentChildren;
}

export function Tile({ title, value, children }: TileProps) {
  return (
    <div class="tile">
      <span class="tile-title">{title}</span>
      <span class="tile-value">{value}</span>
      <span class="tile-note">{children}</span>
    </div>
  );
}

export function MeshTiles() {
  const nodes = live.nodes.value ?? [];
  const clusters = (live.clusters.value ?? []).filter(isService);
  const sheddings = live.shedding.value ?? [];
  const connected = nodes.filter((node) => node.connected);
  const inSync = connected.filter(({ sync }) => sync === "SYNCED").length;
  const requests = clusters.reduce((sum, { requestRps }) => sum + requestRps, 0);
  const errors = clusters.reduce((sum, { error5xxRps }) => sum + error5xxRps, 0);
  const tiers = sheddings.flatMap((each) => each.tiers);
  const shed = tiers.reduce((sum, { shedRps }) => sum + shedRps, 0);
  const offered = tiers.reduce((sum, { admittedRps }) => sum + admittedRps, shed);
  const inflight = sheddings.reduce((sum, each) => sum + (each.inflight ?? 0), 0);
  const limit = sheddings.reduce((sum, each) => sum + (each.limit ?? 0), 0);
  const isKnown = live.nodes.value !== undefined;
  return (
    <div class="tiles">
      <Tile title="Envoys in step" value={isKnown ? `${inSync} of ${nodes.length}` : "–"}>
        {isKnown && (
          <NodesNote
            gone={nodes.length - connected.length}
            refusing={connected.filter(({ sync }) => sync === "REJECTED").length}
            behind={connected.length - inSync}
          />
        )}
      </Tile>
      <Tile title="Requests to services" value={isKnown ? `${rate(requests)}/s` : "–"}>
        {plural(clusters.length, "cluster")}
      </Tile>
      <Tile title="Answered 5xx" value={requests > 0 ? percent(errors / requests) : "–"}>
        {rate(errors)}/s
      </Tile>
      <Tile title="Shed" value={offered > 0 ? percent(shed / offered) : "–"}>
        {rate(shed)} of {rate(offered)}/s
      </Tile>
      <Tile
        title="In flight of the limit"
        value={limit > 0 ? `${number(inflight)} of ${number(limit)}` : "–"}
      >
        {plural(sheddings.length, "scope")}
      </Tile>
    </div>
  );
}

/** Not the clusters by which an Envoy reaches the control plane. */
function isService({ cluster }: ClusterView): boolean {
  return !cluster.startsWith("qmesh_");
}

/** The worst of them; `behind` counts those that refuse too. */
function NodesNote(props: {
  readonly gone: number;
  readonly refusing: number;
  readonly behind: number;
}) {
  const { gone, refusing, behind } = props;
  if (gone > 0) return <State state="gone" text={`${gone} gone`} />;
  if (refusing > 0)
    return <State state="REJECTED" text={refusing === 1 ? "1 refuses" : `${refusing} refuse`} />;
  if (behind > 0) return <State state="STALE" text={`${behind} behind`} />;
  return <State state="SYNCED" text="all in step" />;
}
