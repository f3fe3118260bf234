import type { Logger } from "pino";
import type { Commands } from "../../api/commands.ts";
import { type EngineParts, engineCommands, engineModel } from "../../api/model/engine-model.ts";
import { type Api, startApi } from "../../api/server.ts";
import type { StatusDocument } from "../../api/status-document.ts";
import type { IntentApplier } from "../../control/intent-apply.ts";
import type { Metrics } from "../../metrics.ts";
import type { Address } from "../address.ts";
import { auditOf } from "../audit-events.ts";
import type { Memory } from "../automation.ts";
import { Failure } from "../exit-code.ts";
import type { OperatorApi } from "../operator-api.ts";
import type { SignalSources } from "../signal-sources.ts";
import type { Closers } from "./closers.ts";

/** Where people and their tools ask and order: dashboard, `/v1`, `/status`, `/metrics`, signals in. */
export async function openHttpPort(
  address: Address,
  parts: {
    readonly status: () => StatusDocument;
    readonly metrics: Metrics;
    readonly memory: Pick<Memory, "audit" | "keeper" | "reader">;
    readonly engine: Pick<EngineParts, "policySet" | "evidence" | "intents">;
    readonly intent: IntentApplier;
    readonly operators: OperatorApi;
    readonly signals: SignalSources;
    readonly log: Logger;
  },
  closers: Closers,
): Promise<Api> {
  const { status, metrics, memory, operators, signals, log } = parts;
  const engine: EngineParts = { ...parts.engine, keeper: memory.keeper, reader: memory.reader };
  const api = await startApi({
    ...address,
    status,
    metrics,
    onError: (error) => log.error({ err: error }, "http request failed"),
    credentials: operators.credentials,
    assets: operators.assets,
    audit: auditOf(memory.audit, () => engine.policySet()?.digest ?? ""),
    model: engineModel(engine),
    commands: withIntent(engineCommands(engine), parts.intent),
    signals: signals.intake,
  }).catch((error: Error) => {
    throw new Failure(error.message);
  });
  closers.add(() => void api.stop());
  return api;
}

/** Changes of intent go to the folder, all else to the engine. */
function withIntent(engine: Commands, applier: IntentApplier): Commands {
  return {
    give: async (order) => {
      if (order.what.kind !== "apply") return engine.give(order);
      const answer = await applier.apply(order.what);
      if (!answer.ok) return answer;
      const { ok, ...intent } = answer;
      return { ok, intent };
    },
  };
}
