import { computed, effect, signal } from "@preact/signals";
import type { DecisionView } from "../../../src/api/view/decision.ts";
import { get } from "./api.ts";
import { connection, live } from "./live.ts";
import { place } from "./place.ts";

/**
 * Decisions of the time range, newest first: the live stream holds the newest 200 only, so what is older is asked for by page
 * whenever the range or the connection changes. What was once heard stays, or it would be lost between the two.
 */
export const decided = signal<readonly DecisionView[]>([]);

/** What the range held beyond these was left out. */
export const isDecidedCut = signal(false);

/** As many as `/v1/events` gives. */
const LIVE = 200;
const PAGE = 1000;
const MOST = 3000;

const range = computed(() => place.value.range);
const isLive = computed(() => connection.value.state === "live");
const isMore = computed(() => (live.decisions.value?.length ?? 0) >= LIVE);

effect(() => add(live.decisions.value ?? []));

let loading: AbortController | undefined;
effect(() => {
  loading?.abort();
  isDecidedCut.value = false;
  if (!isLive.value || !isMore.value) return;
  const mine = new AbortController();
  loading = mine;
  void loadOlder(range.value, mine.signal);
});

async function loadOlder(seconds: number, signal: AbortSignal): Promise<void> {
  const query = new URLSearchParams({ limit: String(PAGE) });
  query.set("from", new Date(Date.now() - seconds * 1000).toISOString());
  query.set("to", live.decisions.peek()?.at(-1)?.at ?? new Date().toISOString());
  for (;;) {
    const answer = await get<{ items: readonly DecisionView[]; next?: string }>(
      `/v1/decisions?${query}`,
      signal,
    );
    if (!answer.ok || signal.aborted) return;
    const { items, next } = answer.value;
    add(items);
    if (next === undefined) return;
    if (decided.peek().length >= MOST) {
      isDecidedCut.value = true;
      return;
    }
    query.set("cursor", next);
  }
}

/** The newer word on one counts: its outcome may have become known. */
function add(heard: readonly DecisionView[]): void {
  if (heard.length === 0) return;
  const known = new Map(decided.peek().map((each) => [each.id, each]));
  for (const each of heard) known.set(each.id, each);
  decided.value = [...known.values()].sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, MOST);
}
