import type { Logger } from "pino";
import { type EngineParts, engineCommands, engineModel } from "../../api/model/engine-model.ts";
import { type Api, startApi } from "../../api/server.ts";
import type { StatusDocument } from "../../api/status-document.ts";
import type { Metrics } from "../../metrics.ts";
import type { Address } from "../address.ts";
import { auditOf } from "../audit-events.ts";
import type { Memory } from "../automation.ts";
import { Failure } from "../exit-code.ts";
import type { OperatorApi } from "../operator-api.ts";
import type { Rim } from "../rim.ts";
import type { SignalSources } from "../signal-sources.ts";
import type { Closers } from "./closers.ts";

/** Where people and their tools ask and order: dashboard, `/v1`, `/status`, `/metrics`, signals in. */
export async function openHttpPort(
  address: Address,
  parts: {
    readonly status: () => StatusDocument;
    readonly metrics: Metrics;
    readonly memory: Pick<Memory, "audit" | "keeper" | "reader">;
    readonly engine: Pick<
      EngineParts,
      "policySet" | "evidence" | "alerts" | "runbooks" | "intents"
    >;
    readonly operators: OperatorApi;
    readonly signals: SignalSources;
    readonly rim: Pick<Rim, "operators">;
    readonly log: Logger;
  },
  closers: Closers,
): Promise<Api> {
  const { status, metrics, memory, operators, signals, rim, log } = parts;
  const engine: EngineParts = { ...parts.engine, keeper: memory.keeper, reader: memory.reader };
  const api = await startApi({
    ...address,
    status,
    metrics,
    onError: (error) => log.error({ err: error }, "http request failed"),
    credentials: {
      ...operators.credentials,
      ...(rim.operators && { trustDomain: rim.operators.trustDomain }),
    },
    ...(rim.operators !== undefined && { tls: rim.operators.gate }),
    assets: operators.assets,
    audit: auditOf(memory.audit, () => engine.policySet()?.digest ?? ""),
    model: engineModel(engine),
    commands: engineCommands(engine),
    signals: signals.intake,
  }).catch((error: Error) => {
    throw new Failure(error.message);
  });
  closers.add(() => void api.stop());
  return api;
}
