/**
 * Where a route holds: at a Gateway (the default, as in the standard), or, in the mesh form (GAMMA), for everyone who calls a
 * Service through a sidecar. A Service is called by its own name, so hostnames and sections are a Gateway's only.
 */
import { z } from "zod";
import { type Draft, refuseRepeats } from "./draft.ts";
import { fields, oneOf } from "./fields.ts";
import type { Route } from "./intent/route.ts";
import type { Path } from "./path.ts";

const GATEWAY_GROUP = "gateway.networking.k8s.io";

const parentRef = fields(
  {
    /** "" is how a cluster prints the core group; there is no core Service here, so it means ours. */
    group: oneOf([GATEWAY_GROUP, "quantum.mesh", ""]).exactOptional(),
    kind: oneOf(["Gateway", "Service"], { ListenerSet: "listener sets are" }).default("Gateway"),
    name: z.string().min(1).max(253),
    namespace: z.string().exactOptional(),
    sectionName: z.string().min(1).max(253).exactOptional(),
  },
  { port: "parentRefs by port are (sectionName names the listener), and port is" },
);

export const parentRefs = z.array(parentRef).max(32).default([]);

type ParentRefs = z.output<typeof parentRefs>;

export interface RouteParents {
  readonly parentRefs: ParentRefs;
  readonly hostnames: readonly string[];
}

export function checkParentRefs(draft: Draft<RouteParents>): void {
  const { parentRefs, hostnames } = draft.spec;
  if (parentRefs.length === 0) {
    draft.lacks("QM0007", ["parentRefs"], "missing; name a Gateway or a Service");
  }
  refuseRepeats(draft, {
    path: ["parentRefs"],
    names: parentRefs.map(({ kind, name, sectionName = "" }) =>
      [...(kind === "Service" ? [kind] : []), name, sectionName].join(" ").trimEnd(),
    ),
    field: "name",
  });
  for (const [index, ref] of parentRefs.entries()) checkForm(draft, ref, ["parentRefs", index]);
  const isMeshOnly = parentRefs.length > 0 && parentRefs.every(({ kind }) => kind === "Service");
  if (isMeshOnly && hostnames.length > 0 && !draft.hasLost(["parentRefs"])) {
    const message = "a Service is called by its own name; hostnames hold at a Gateway only";
    draft.wrong("QM0119", ["hostnames"], message);
  }
}

function checkForm(draft: Draft<RouteParents>, ref: ParentRefs[number], path: Path): void {
  const { group, kind, sectionName } = ref;
  if (isOfLostKind(draft, path)) return;
  if (kind === "Service" && (group ?? GATEWAY_GROUP) === GATEWAY_GROUP) {
    const message = `Service is no kind of ${GATEWAY_GROUP}; write quantum.mesh`;
    draft.wrong("QM0012", [...path, "group"], message);
  }
  if (kind === "Gateway" && (group ?? GATEWAY_GROUP) !== GATEWAY_GROUP) {
    const message = `Gateway is no kind of ${JSON.stringify(group)}; write Service`;
    draft.wrong("QM0012", [...path, "kind"], message);
  }
  if (kind === "Service" && sectionName !== undefined) {
    const message = "a Service has no sections; take it out";
    draft.wrong("QM0119", [...path, "sectionName"], message);
  }
}

/** What kind of parent was meant is then not known, and its name says nothing. */
export function isOfLostKind(draft: Draft<RouteParents>, path: Path): boolean {
  return draft.isDamaged([...path, "kind"]) || draft.isDamaged([...path, "group"]);
}

export function toParents(refs: ParentRefs): Pick<Route, "parents" | "meshParents"> {
  const parents = refs
    .filter(({ kind }) => kind === "Gateway")
    .map(({ name, sectionName }) => ({
      gateway: name,
      ...(sectionName !== undefined && { sectionName }),
    }));
  const meshParents = refs.filter(({ kind }) => kind === "Service").map(({ name }) => name);
  return { parents, meshParents };
}
