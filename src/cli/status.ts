import { fetchProxies, fetchStatus, type Server } from "../api/client.ts";
import type { ProxiesDocument } from "../api/status-document.ts";
import { EXIT } from "./exit-code.ts";
import { asText } from "./output.ts";
import { renderProxies, renderStatus, type StatusFormat } from "./status-table.ts";
import { unwrap } from "./unwrap.ts";
import { watching } from "./watch.ts";

/** `qmesh status` and `qmesh proxies`: what the control plane at `server` says of itself and its Envoys. */
export interface AskOptions {
  readonly server: Server;
  readonly output: StatusFormat;
  readonly watch?: boolean;
}

export function showStatus(options: AskOptions): Promise<number> {
  return watching(options, async () => {
    const status = unwrap(await fetchStatus(options));
    const isDegraded = !status.intent.current || isRefused(status);
    return {
      text: asText(status, options, () => renderStatus(status, options.output)),
      exitCode: isDegraded ? EXIT.degraded : EXIT.fine,
    };
  });
}

export function showProxies(options: AskOptions): Promise<number> {
  return watching(options, async () => {
    const proxies = unwrap(await fetchProxies(options));
    return {
      text: asText(proxies, options, () => renderProxies(proxies, options.output)),
      exitCode: isRefused(proxies) ? EXIT.degraded : EXIT.fine,
    };
  });
}

/** An Envoy refuses something, or one that is gone did and the others are kept from it. */
function isRefused({ nodes, withheld = [] }: ProxiesDocument): boolean {
  if (withheld.length > 0) return true;
  return nodes.some(({ types }) => types.some(({ state }) => state === "REJECTED"));
}
