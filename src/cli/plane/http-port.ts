import type { Logger } from "pino";
import type { Commands } from "../../api/commands.ts";
import { configOf } from "../../api/model/config.ts";
import { type EngineParts, engineCommands, engineModel } from "../../api/model/engine-model.ts";
import { reportOf } from "../../api/model/report.ts";
import { type Api, startApi } from "../../api/server.ts";
import type { StatusDocument } from "../../api/status-document.ts";
import type { IntentApplier } from "../../control/intent-apply.ts";
import type { RecentRequest } from "../../evidence/recent-requests.ts";
import type { Metrics } from "../../metrics.ts";
import type { XdsServer } from "../../xds/server.ts";
import type { Address } from "../address.ts";
import { auditOf } from "../audit-events.ts";
import type { Memory } from "../automation.ts";
import { Failure } from "../exit-code.ts";
import type { OperatorApi } from "../operator-api.ts";
import type { Rim } from "../rim.ts";
import type { SignalSources } from "../signal-sources.ts";
import { nowMs } from "./clock.ts";
import type { Closers } from "./closers.ts";
import type { Observations } from "./observations.ts";

/** Where people and their tools ask and order: dashboard, `/v1`, `/status`, `/metrics`, signals in. */
export async function openHttpPort(
  address: Address,
  parts: {
    readonly status: () => StatusDocument;
    readonly metrics: Metrics;
    readonly memory: Pick<Memory, "audit" | "keeper" | "reader">;
    readonly engine: Pick<
      EngineParts,
      "policySet" | "evidence" | "failures" | "tracker" | "alerts" | "runbooks" | "intents"
    >;
    readonly intent: IntentApplier;
    readonly xds: Pick<XdsServer, "status" | "getSnapshot">;
    readonly observations: Pick<Observations, "requests" | "shedRates">;
    readonly operators: OperatorApi;
    readonly signals: SignalSources;
    readonly rim: Pick<Rim, "operators">;
    readonly log: Logger;
  },
  closers: Closers,
): Promise<Api> {
  const { status, metrics, memory, operators, signals, rim, log } = parts;
  const { shedRates } = parts.observations;
  const { keeper, reader } = memory;
  const engine: EngineParts = { ...parts.engine, keeper, reader, shedRates };
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
    model: {
      ...engineModel(engine),
      config: (node, type) => configOf(parts.xds, node, type),
      requests: (after, limit) => requestsAfter(parts.observations, after, limit),
      report: (measure, seconds) => reportOf(measure, Date.now() - seconds * 1000, engine),
    },
    commands: withIntent(engineCommands(engine), parts.intent),
    signals: signals.intake,
    otlp: signals.otlp,
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

function requestsAfter(
  { requests }: Pick<Observations, "requests">,
  after = requests.newest,
  limit = 0,
) {
  const items = requests.after(after, limit);
  return { items: items.map(toRequestView), next: items.at(-1)?.seq ?? after };
}

function toRequestView({ atMs, ...rest }: RecentRequest) {
  return { ...rest, at: new Date(Date.now() - (nowMs() - atMs)).toISOString() };
}
