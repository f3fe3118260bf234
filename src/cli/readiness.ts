import type { z } from "zod";
import { fetchAnswer, type Server } from "../api/client.ts";
import { pageOf } from "../api/v1/page.ts";
import { type PolicyView, policyView } from "../api/view/operation.ts";
import { type ServiceView, serviceView } from "../api/view/service.ts";
import type { AskOptions } from "./automation-verbs.ts";
import { EXIT, Failure } from "./exit-code.ts";
import { printStructured } from "./output.ts";
import { textTable } from "./text-table.ts";
import { unwrap } from "./unwrap.ts";

/**
 * `qmesh readiness [SERVICE]`: whether automation that weighs probabilities may be let near a service. What speaks against
 * it is computed, not ticked by hand; exit 1 while anything does.
 */
export interface Readiness {
  readonly service: string;
  readonly isReady: boolean;
  /** Sentences, without their stop. */
  readonly against: readonly string[];
  /** What to think about; no reason to wait. */
  readonly advice: readonly string[];
}

export async function showReadiness(
  service: string | undefined,
  { server, output }: AskOptions,
): Promise<number> {
  const [services, policies] = await Promise.all([
    readAll(server, "/v1/services?limit=1000", serviceView),
    readAll(server, "/v1/policies?limit=1000", policyView),
  ]);
  const asked = services.filter(({ name }) => service === undefined || name === service);
  if (service !== undefined && asked.length === 0)
    throw new Failure(`there is no Service ${service}.`);
  const found = asked.map((each) => judgeReadiness(each, policies));
  if (output !== "table") printStructured(found, output);
  else {
    const rows = found.flatMap(({ service: name, isReady, against, advice }) => [
      [name, isReady ? "ready" : "not ready", ""],
      ...against.map((text) => ["", "against", text]),
      ...advice.map((text) => ["", "advice", text]),
    ]);
    process.stdout.write(textTable([["SERVICE", "STATE", "WHY"], ...rows]));
  }
  return found.every(({ isReady }) => isReady) ? EXIT.fine : EXIT.failed;
}

/** Below this a posterior takes hours to know what a fixed rule says at once. */
const LITTLE_RPS = 0.5;

/** Pure. */
export function judgeReadiness(
  { name, owner, labels, state, requestRps, objectives }: ServiceView,
  policies: readonly PolicyView[],
): Readiness {
  const mine = policies.filter((each) => each.service === undefined || each.service === name);
  const acting = mine.filter(({ mode }) => mode === "enforce" || mode === "canary");
  const weighing = acting.filter(({ method }) => method === "probabilistic");
  const isFixed = labels.determinism === "required";
  const against = [
    ...(owner === undefined ? ["nobody owns it: metadata.owner"] : []),
    ...(objectives.length === 0 ? ["it has no SLO, so nothing says what is good"] : []),
    ...(state === "ok" ? [] : [`its telemetry is ${state}: see qmesh proxies`]),
    ...objectives
      .filter((each) => each.state === "unknown" && state === "ok")
      .map((each) => `SLO ${each.name} reads nothing`),
    ...(isFixed
      ? weighing.map(
          (each) =>
            `Policy ${each.name} weighs probabilities where determinism is required: method: rules`,
        )
      : []),
    ...mine
      .filter(({ breaker }) => breaker !== "closed")
      .map((each) => `the breaker of Policy ${each.name} is ${each.breaker}: ${each.breakerWhy}`),
  ];
  const advice = [
    ...(requestRps !== undefined && requestRps < LITTLE_RPS
      ? [
          `${Number(requestRps.toPrecision(2))} requests a second are few: one fixed rule does (method: rules)`,
        ]
      : []),
    ...(mine.length === 0 ? ["no Policy is about it"] : []),
    ...acting
      .filter(({ runbooks }) => runbooks.length === 0)
      .map(
        ({ name: policy, pages }) =>
          `Policy ${policy} ${pages ? "pages" : "acts"} and begins no Runbook: evidence.run`,
      ),
    ...(objectives.length > 0 && mine.every(({ runbooks }) => runbooks.length === 0)
      ? ["its objectives page, and no Policy about it begins a Runbook"]
      : []),
    ...mine.flatMap(({ name: policy, ledger }) =>
      ledger.retire === undefined ? [] : [`Policy ${policy} may be let go: it ${ledger.retire}`],
    ),
    ...acting
      .filter(({ ledger, shadow }) => ledger.acted === 0 && shadow.judged === 0)
      .map((each) => `Policy ${each.name} acts though it was never tried in shadow`),
  ];
  return { service: name, isReady: against.length === 0, against, advice };
}

async function readAll<T>(server: Server, path: string, item: z.ZodType<T>): Promise<readonly T[]> {
  return unwrap(await fetchAnswer({ server }, path, pageOf(item))).items;
}
