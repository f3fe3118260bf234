import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { fetchAnswer } from "../api/client.ts";
import { type RequestView, requestView } from "../api/view/request.ts";
import { EXIT } from "./exit-code.ts";
import { unwrap } from "./status.ts";
import { stopSignal } from "./stop-signal.ts";
import { oneLine } from "./text-table.ts";

/** `qmesh tap`: requests as they come, of the one in a hundred that Envoys log, until a signal or `--count`. */
export interface TapOptions {
  readonly server: string;
  readonly output: "table" | "json";
  readonly service?: string;
  readonly node?: string;
  /** Only answers 5xx, or none. */
  readonly errors?: boolean;
  readonly count?: number;
}

const PERIOD_MS = 500;
const answer = z.object({ items: z.array(requestView), next: z.number() });

export async function tap(options: TapOptions): Promise<number> {
  const { server, output, count = Number.POSITIVE_INFINITY } = options;
  const stopped = stopSignal();
  let after: number | undefined;
  let shown = 0;
  if (output === "table") process.stdout.write(`${tapHead()}\n`);
  for (;;) {
    const query = after === undefined ? "" : `?after=${after}`;
    const { items, next } = unwrap(await fetchAnswer({ server }, `/v1/requests${query}`, answer));
    after = next;
    const wanted = items.filter((each) => isWanted(each, options)).slice(0, count - shown);
    shown += wanted.length;
    for (const each of wanted)
      process.stdout.write(`${output === "json" ? JSON.stringify(each) : tapLine(each)}\n`);
    if (shown >= count) return EXIT.fine;
    if ((await Promise.race([stopped, sleep(PERIOD_MS)])) !== undefined) return EXIT.fine;
  }
}

/** Pure. */
export function isWanted(
  { cluster, node, status }: RequestView,
  options: Pick<TapOptions, "service" | "node" | "errors">,
): boolean {
  const { service } = options;
  if (service !== undefined && !cluster.startsWith(`${service}.`)) return false;
  if (options.node !== undefined && node !== options.node) return false;
  return options.errors !== true || status === 0 || status >= 500;
}

export function tapHead(): string {
  return columns("TIME", "STATUS", "MS", "NODE", "CLUSTER");
}

/** Pure. */
export function tapLine({ at, status, ms, node, cluster }: RequestView): string {
  const time = at.slice(11, 23);
  const word = status === 0 ? "none" : String(status);
  return columns(time, word, ms.toFixed(1), node, cluster === "" ? "(Envoy itself)" : cluster);
}

/** Lines come one by one, so that the widths cannot wait for the widest. */
function columns(time: string, status: string, ms: string, node: string, cluster: string): string {
  return `${time.padEnd(12)}  ${status.padEnd(6)}  ${ms.padStart(8)}  ${oneLine(node).padEnd(20)}  ${oneLine(cluster)}`;
}
