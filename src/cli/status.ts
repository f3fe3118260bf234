import { type Answer, fetchProxies, fetchStatus } from "../api/client.ts";
import type { ProxiesDocument } from "../api/status-document.ts";
import { EXIT, Failure } from "./exit-code.ts";
import { renderProxies, renderStatus, type StatusFormat } from "./status-table.ts";

/** `qmesh status` and `qmesh proxies`: what the control plane at `server` says of itself and its Envoys. */
export interface AskOptions {
  readonly server: string;
  readonly output: StatusFormat;
}

export async function showStatus({ server, output }: AskOptions): Promise<number> {
  const status = unwrap(await fetchStatus({ server }));
  process.stdout.write(renderStatus(status, output));
  return !status.intent.current || isRefused(status) ? EXIT.degraded : EXIT.fine;
}

export async function showProxies({ server, output }: AskOptions): Promise<number> {
  const proxies = unwrap(await fetchProxies({ server }));
  process.stdout.write(renderProxies(proxies, output));
  return isRefused(proxies) ? EXIT.degraded : EXIT.fine;
}

/** The value, or a Failure with its sentence. */
export function unwrap<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value;
  throw new Failure(answer.reason, answer.isTimeout ? EXIT.timedOut : EXIT.failed);
}

/** An Envoy refuses something, or one that is gone did and the others are kept from it. */
function isRefused({ nodes, withheld = [] }: ProxiesDocument): boolean {
  if (withheld.length > 0) return true;
  return nodes.some(({ types }) => types.some(({ state }) => state === "REJECTED"));
}
