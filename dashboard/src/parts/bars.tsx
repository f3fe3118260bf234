import { ms, number, percent } from "../format.ts";

/** Requests by time: how many fell between two edges. */
interface Bucket {
  readonly toMs?: number;
  readonly requests: number;
}

export function HistogramBars({ buckets }: { readonly buckets: readonly Bucket[] }) {
  const most = Math.max(1, ...buckets.map(({ requests }) => requests));
  const all = buckets.reduce((sum, { requests }) => sum + requests, 0);
  return (
    <div class="bars" role="img" aria-label={inWords(buckets, all)}>
      {buckets.map(({ toMs, requests }) => (
        <div class="bar-column" key={toMs ?? "more"} title={`${number(requests)} requests`}>
          <span class="bar-box">
            <i style={{ height: `${(100 * requests) / most}%` }} />
          </span>
          <span class="bar-edge">{toMs === undefined ? "more" : ms(toMs)}</span>
        </div>
      ))}
    </div>
  );
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
