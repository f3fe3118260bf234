import type { History } from "./history.ts";
import type { DecisionDetail, DecisionView } from "./view/decision.ts";

/** Errors of each version of the service around a decision, as far as the history in memory still holds them. */
const BEFORE_SECONDS = 300;
const AFTER_SECONDS = 60;

export function plotOf(
  { at, service }: DecisionView,
  history: Pick<History, "read" | "newest">,
): Pick<DecisionDetail, "plot"> {
  const now = history.newest.times.at(-1);
  if (service === undefined || now === undefined) return {};
  const decided = Date.parse(at) / 1000;
  const prefix = `cluster/${service}.`;
  const past = history.read(prefix, Math.ceil(now - decided) + BEFORE_SECONDS + 1);
  const inSight = past.times.flatMap((time, index) =>
    time >= decided - BEFORE_SECONDS && time <= decided + AFTER_SECONDS ? [index] : [],
  );
  const valuesOf = (name: string) =>
    past.series.find((each) => each.name === name)?.values ?? ([] as const);
  const lines = past.series.flatMap(({ name, values: requests }) => {
    const version = /^(.+)\/requestRps$/.exec(name.slice(prefix.length))?.[1];
    if (version === undefined) return [];
    const errors = valuesOf(`${prefix}${version}/error5xxRps`);
    const values = inSight.map((index) => percentOf(errors[index], requests[index]));
    const isKnown = values.some((value) => value !== null);
    return isKnown ? [{ name: `errors of ${version}, %`, values }] : [];
  });
  if (lines.length === 0) return {};
  return { plot: { times: inSight.map((index) => past.times[index] ?? 0), lines } };
}

function percentOf(errors: number | null | undefined, requests: number | null | undefined) {
  return typeof errors === "number" && typeof requests === "number" && requests > 0
    ? Number(((100 * errors) / requests).toPrecision(4))
    : null;
}
