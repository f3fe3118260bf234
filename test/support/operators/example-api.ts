import type { AuditEvent } from "../../../src/api/audit-event.ts";
import { type ApiOptions, buildApi } from "../../../src/api/server.ts";
import { statusDocument } from "../../api/documents.ts";
import { ExampleMesh } from "./example-model.ts";

/** The whole API in this process, over the example mesh, with all it told the audit log. */
export const TOKEN = `qmesh_${"t".repeat(43)}`;
export const NOW_MS = Date.parse("2026-03-04T12:00:00.000Z");

export function exampleApi(parts: Partial<ApiOptions> = {}) {
  const mesh = new ExampleMesh(NOW_MS);
  const audited: AuditEvent[] = [];
  const errors: Error[] = [];
  const api = buildApi({
    host: "127.0.0.1",
    port: 0,
    status: statusDocument,
    metrics: { contentType: "text/plain", text: async () => "" },
    model: mesh.model,
    commands: mesh.commands,
    credentials: { localToken: TOKEN, access: { accounts: [] } },
    audit: (event) => {
      audited.push(event);
    },
    onError: (error) => errors.push(error),
    ...parts,
  });
  return {
    ...api,
    mesh,
    audited,
    errors,
    get: (path: string, headers: Record<string, string> = {}) =>
      api.app.request(`http://127.0.0.1${path}`, { headers }),
    post: (path: string, body: unknown = {}, token: string | undefined = TOKEN) =>
      api.app.request(`http://127.0.0.1${path}`, {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body),
        headers: {
          "content-type": "application/json",
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
      }),
  };
}
