import { Server, ServerCredentials } from "@grpc/grpc-js";
import { type IntentState, loadIntent, watchIntent } from "../control/intent-source.ts";
import { ControlLoop } from "../control/loop.ts";
import { gatewayKey } from "../control/publisher.ts";
import { formatProblem } from "../policy/format.ts";
import { createXdsServer, type XdsNode } from "../xds/server.ts";
import { Failure } from "./exit-code.ts";
import { filterWasmPath } from "./package-files.ts";
import type { Address } from "./program.ts";

export async function startControlPlane(options: {
  config: string;
  xds: Address;
  http: Address;
}): Promise<{ ports: { xds: number; http: number }; stop: () => void }> {
  const xds = createXdsServer({
    nodeKey,
    isReady: () => loop.isReady,
    onEvent: (e) => process.stderr.write(`${JSON.stringify(e)}\n`),
  });
  const loop: ControlLoop = new ControlLoop(xds, { filterWasm: filterWasmPath });
  const first = await loadIntent(options.config);
  report(first);
  loop.setIntent(first);
  const stopWatching = watchIntent(options.config, first, (s) => {
    report(s);
    loop.setIntent(s);
  });
  const port = await xds.listen(`${options.xds.host}:${options.xds.port}`);
  void Server;
  void ServerCredentials;
  void Failure;
  return {
    ports: { xds: port, http: 0 },
    stop: () => {
      stopWatching();
      xds.stop();
    },
  };
}
function report(s: IntentState) {
  for (const p of s.problems) process.stderr.write(`${formatProblem(p)}\n`);
}
function nodeKey(node: XdsNode): string {
  const qmesh = node.metadata.qmesh as { name?: string } | undefined;
  return gatewayKey(String(qmesh?.name ?? ""));
}
