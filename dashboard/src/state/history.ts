import { effect, type Signal, signal } from "@preact/signals";
import type { HistoryView } from "../../../src/api/view/mesh.ts";
import { get } from "./api.ts";
import { connection, live } from "./live.ts";

/**
 * Numbers over time below a prefix: a past from `/v1/history`, then the live seconds after it. A long range has coarse points,
 * which come anew every 15 s instead.
 */
export interface Past {
  /** Seconds of Unix time. */
  readonly times: readonly number[];
  readonly series: ReadonlyMap<string, readonly (number | null)[]>;
}

const FINE_SECONDS = 900;
const COARSE_MS = 15_000;

/** Undefined until it is there. The second value ends it. */
export function watchPast(
  prefix: string,
  seconds: number,
): readonly [Signal<Past | undefined>, () => void] {
  const past = signal<Past | undefined>(undefined);
  const over = new AbortController();
  const load = async () => {
    const query = new URLSearchParams({ prefix, seconds: String(seconds) });
    const answer = await get<HistoryView>(`/v1/history?${query}`, over.signal);
    if (answer.ok && !over.signal.aborted) past.value = toPast(answer.value);
  };
  // After a lost connection there would be a gap.
  const stopLoading = effect(() => {
    if (connection.value.state === "live") void load();
  });
  const isFine = seconds <= FINE_SECONDS;
  const stopAdding = effect(() => {
    const sample = live.samples.value;
    if (!isFine || sample === undefined || past.peek() === undefined) return;
    past.value = add(past.peek() as Past, sample, { prefix, seconds });
  });
  const timer = isFine ? undefined : setInterval(() => void load(), COARSE_MS);
  return [
    past,
    () => {
      over.abort();
      stopLoading();
      stopAdding();
      clearInterval(timer);
    },
  ];
}

function toPast({ times, series }: HistoryView): Past {
  return { times, series: new Map(series.map(({ name, values }) => [name, values])) };
}

function add(
  past: Past,
  { times: [time], series }: HistoryView,
  { prefix, seconds }: { readonly prefix: string; readonly seconds: number },
): Past {
  const newest = past.times.at(-1) ?? 0;
  if (time === undefined || time <= newest) return past;
  const drop = past.times.findIndex((each) => each > time - seconds);
  const from = drop < 0 ? past.times.length : drop;
  const times = [...past.times.slice(from), time];
  const fresh = new Map(
    series
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ name, values: [value = null] }) => [name, value]),
  );
  const names = new Set([...past.series.keys(), ...fresh.keys()]);
  const next = new Map<string, readonly (number | null)[]>();
  for (const name of names) {
    const before = past.series.get(name) ?? Array<null>(past.times.length).fill(null);
    next.set(name, [...before.slice(from), fresh.get(name) ?? null]);
  }
  return { times, series: next };
}
