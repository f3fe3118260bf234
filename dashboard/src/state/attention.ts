import { computed } from "@preact/signals";
import type { SheddingView } from "../../../src/api/view/mesh.ts";
import { number, percent, plural, withoutSubject } from "../format.ts";
import { toneOf } from "../parts/state.tsx";
import { live } from "./live.ts";
import type { Place } from "./place.ts";

/** What somebody should look at now, the worst first: one list over everything the control plane says. */
export interface Concern {
  readonly state: string;
  readonly title: string;
  readonly detail: string;
  readonly where: Partial<Place>;
}

const MOST = 200;

export const concerns = computed<readonly Concern[]>(() =>
  [
    ...alerts(),
    ...intent(),
    ...approvals(),
    ...nodes(),
    ...objectives(),
    ...policies(),
    ...sheddings(),
    ...actions(),
  ]
    .sort((a, b) => rankOf(a) - rankOf(b))
    .slice(0, MOST),
);

/** What is wrong goes before what may become it; among equals the order above holds. */
function rankOf({ state }: Concern): number {
  return toneOf(state) === "bad" ? 0 : 1;
}

function alerts(): Concern[] {
  return (live.alerts.value ?? [])
    .filter(({ state }) => state === "firing")
    .map(({ title, value, threshold, decision = "" }) => ({
      state: "firing",
      title,
      detail: `${number(value)} beside a threshold of ${number(threshold)}`,
      where: { decision },
    }));
}

function intent(): Concern[] {
  const { problems = [], failure } = live.mesh.value?.intent ?? {};
  const failed = failure === undefined ? [] : [{ title: "Intent not published", detail: failure }];
  return [
    ...failed.map((each) => ({ ...each, state: "error", where: {} })),
    ...problems.map(({ severity, file, line, document, message, path }) => ({
      state: severity,
      title: `${file}:${line} ${document}`,
      detail: `${path}: ${message}`,
      where: {},
    })),
  ];
}

function approvals(): Concern[] {
  return (live.approvals.value ?? []).map(({ policy, text, decision, need, approvedBy }) => ({
    state: "waiting",
    title: `${policy} waits for approval`,
    detail: `${text}; ${approvedBy.length} of ${need}`,
    where: { decision },
  }));
}

function nodes(): Concern[] {
  return (live.nodes.value ?? []).flatMap(({ id, sync, connected, state, types }) => {
    const where = { screen: "debug" as const, search: id };
    const [refusal] = types.flatMap(({ type, rejections }) =>
      rejections.map(({ name, message }) => `${type} ${name}: ${message}`),
    );
    if (refusal !== undefined)
      return [{ state: "REJECTED", title: `${id} refuses a resource`, detail: refusal, where }];
    if (!connected)
      return [{ state: "gone", title: `${id} is gone`, detail: "It holds no xDS stream.", where }];
    if (state === "blind" || state === "late")
      return [{ state, title: `${id} is ${state}`, detail: "Its reports do not come.", where }];
    if (sync === "STALE")
      return [{ state: sync, title: `${id} is behind`, detail: "It has not answered yet.", where }];
    return [];
  });
}

function objectives(): Concern[] {
  return (live.services.value ?? []).flatMap((service) =>
    service.objectives
      .filter(({ state }) => state === "spent" || state === "at risk")
      .map(({ name, state, budgetLeft, burns: [burn] }) => ({
        state,
        title: name,
        detail: `burns ${number(burn?.burn)} times too fast; ${percent(budgetLeft)} of the budget left`,
        where: { screen: "debug" as const, service: service.name },
      })),
  );
}

/** Automation that stopped itself: its owner should know. */
function policies(): Concern[] {
  return (live.policies.value ?? [])
    .filter(({ breaker }) => breaker !== "closed")
    .map(({ name, breaker, breakerWhy = "" }) => ({
      state: `breaker ${breaker}`,
      title: `Policy ${name}: breaker ${breaker}`,
      detail: breakerWhy,
      where: { screen: "debug" as const, search: name },
    }));
}

/** One for all Envoys on which a Shedding is in the same state: a thousand of them are one thing to look at. */
function sheddings(): Concern[] {
  const found = (live.shedding.value ?? []).filter(
    ({ state }) => state === "saturated" || state === "failing" || state === "blind",
  );
  const groups = new Map<string, SheddingView[]>();
  for (const each of found) {
    const key = `${each.shedding}\n${each.state}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { shedding, node, state, why } = first;
    const on = group.length === 1 ? node : plural(group.length, "Envoy");
    const where = { screen: "debug" as const, shedding };
    return [
      { state, title: `${shedding} is ${state} on ${on}`, detail: withoutSubject(why), where },
    ];
  });
}

function actions(): Concern[] {
  return (live.actions.value ?? []).flatMap(({ text, progress, decision = "" }) =>
    progress === undefined || progress.refused === 0
      ? []
      : [
          {
            state: "partial",
            title: text,
            detail: `${plural(progress.refused, "Envoy")} of ${progress.total} refused it`,
            where: { decision },
          },
        ],
  );
}
