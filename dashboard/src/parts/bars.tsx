import { ms, number, percent } from "../format.ts";

/** Requests by time: how many fell between two edges. */
interface Bucket {
  readonly toMs?: number;
  readonly requests: number;
}

export function HistogramBars({ buckets }: { readonly buckets: readonly Bucket[] }) {
  const shown = around(buckets);
  const most = Math.max(1, ...shown.map(({ requests }) => requests));
  const all = shown.reduce((sum, { requests }) => sum + requests, 0);
  const every = Math.ceil(shown.length / MOST_EDGES);
  return (
    <div class="bars" role="img" aria-label={inWords(shown, all)}>
      {shown.map(({ toMs, requests }, at) => (
        <div
          class="bar-column"
          key={toMs ?? "more"}
          title={`${number(requests)} requests, ${edgeText(toMs)}`}
        >
          <span class="bar-box">
            <i style={{ height: `${(100 * requests) / most}%` }} />
          </span>
          <span class="bar-edge">
            {(shown.length - 1 - at) % every === 0 && (toMs === undefined ? "more" : ms(toMs))}
          </span>
        </div>
      ))}
    </div>
  );
}

/** More would run into each other on a phone. */
const MOST_EDGES = 8;

/** From one before the first that holds something to one after the last. */
function around(buckets: readonly Bucket[]): readonly Bucket[] {
  const isFull = ({ requests }: Bucket) => requests > 0;
  const first = buckets.findIndex(isFull);
  return buckets.slice(Math.max(0, first - 1), buckets.findLastIndex(isFull) + 2);
}

function edgeText(toMs: number | undefined): string {
  return toMs === undefined ? "longer" : `up to ${ms(toMs)}`;
}

function inWords(buckets: readonly Bucket[], all: number): string {
  return buckets
    .map(
      ({ toMs, requests }) =>
        `${percent(requests / Math.max(1, all))} up to ${toMs === undefined ? "any time" : ms(toMs)}`,
    )
    .join(", ");
}

/** Where a value stands beside what it is held against; `share` of the whole bar, both in [0,1]. */
export function Bullet(props: { share: number; mark: number; tone: string; label: string }) {
  const { share, mark, tone, label } = props;
  const bounded = (value: number) => `${100 * Math.min(1, Math.max(0, value))}%`;
  return (
    <span class="bullet" role="img" aria-label={label}>
      <i class={tone} style={{ width: bounded(share) }} />
      <b style={{ left: bounded(mark) }} />
    </span>
  );
}
