import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { loadAssets } from "../../../src/api/assets.ts";
import { pointsOf } from "../../../src/api/history.ts";
import { sheddingViews } from "../../../src/api/mesh-views.ts";
import { type ApiOptions, buildApi } from "../../../src/api/server.ts";
import { projectRoot } from "../project-root.ts";
import { TOKEN } from "./example-api.ts";
import { ExampleMesh } from "./example-model.ts";
import { exampleStatus } from "./example-status.ts";

/** The dashboard over the example mesh on a port of its own, with fifteen minutes behind it, or more. */
export interface ExampleServer {
  readonly url: string;
  readonly mesh: ExampleMesh;
  stop(): Promise<void>;
}

export async function exampleServer(
  size: {
    readonly nodes?: number;
    readonly services?: number;
    readonly pastSeconds?: number;
  } = {},
  parts: Partial<ApiOptions> = {},
): Promise<ExampleServer> {
  const { nodes = 3, services = 6, pastSeconds = 900 } = size;
  const now = () => Math.floor(Date.now() / 1000);
  const mesh = new ExampleMesh(Date.now(), services);
  const { app, recorder, start, stop } = buildApi({
    host: "127.0.0.1",
    port: 0,
    status: () => exampleStatus(now(), nodes),
    metrics: { contentType: "text/plain", text: async () => "" },
    model: mesh.model,
    commands: mesh.commands,
    credentials: { localToken: TOKEN, access: { accounts: [] } },
    assets: loadAssets(join(projectRoot, "build/dashboard")),
    ...parts,
  });
  for (let second = now() - pastSeconds; second < now(); second++) {
    const status = exampleStatus(second, Math.min(nodes, 3));
    recorder.history.add(second, pointsOf(status));
    recorder.judgements.observe(second, sheddingViews(status));
  }
  const server = createServer(getRequestListener(app.fetch)).listen(parts.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  start();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mesh,
    stop: async () => {
      stop();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
