import { Agent, request } from "node:http";

/** What came of the requests: how many by status, `error` for those without an answer; bodies counted too. */
export interface Outcome {
  readonly byStatus: Map<string, number>;
  readonly byBody: Map<string, number>;
  total: number;
}

export function failures(outcome: Outcome): number {
  return outcome.total - (outcome.byStatus.get("200") ?? 0);
}

/** One request; resolves to status and body, `error` if the connection failed. */
export function ask(
  port: number,
  {
    path = "/",
    headers = {},
    ...connection
  }: { path?: string; headers?: Record<string, string>; agent?: Agent; localAddress?: string } = {},
): Promise<{ status: string; body: string; headers: Record<string, unknown> }> {
  return new Promise((resolve) => {
    const call = request({ host: "127.0.0.1", port, path, headers, ...connection }, (response) => {
      let body = "";
      response.on("data", (chunk) => {
        body += chunk;
      });
      response.on("end", () =>
        resolve({ status: String(response.statusCode), body, headers: response.headers }),
      );
      response.on("error", () => resolve({ status: "error", body: "", headers: {} }));
    });
    call.on("error", (error) => resolve({ status: "error", body: error.message, headers: {} }));
    call.end();
  });
}

/** `connections` clients in a closed loop until `stop` is called; resolves to what they saw. */
export function startTraffic(
  port: number,
  connections = 4,
  path = "/",
  headers: Record<string, string> = {},
) {
  const outcome: Outcome = { byStatus: new Map(), byBody: new Map(), total: 0 };
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let isStopped = false;
  const client = async () => {
    while (!isStopped) {
      const { status, body } = await ask(port, { path, headers, agent });
      outcome.total += 1;
      outcome.byStatus.set(status, (outcome.byStatus.get(status) ?? 0) + 1);
      outcome.byBody.set(body, (outcome.byBody.get(body) ?? 0) + 1);
    }
  };
  const clients = Array.from({ length: connections }, client);
  return {
    outcome,
    stop: async (): Promise<Outcome> => {
      isStopped = true;
      await Promise.all(clients);
      agent.destroy();
      return outcome;
    },
  };
}
