import type { Logger } from "pino";
import { ManagerSync, managerAlerts } from "../adapters/outbound/alertmanager.ts";
import { type Send, sender } from "../adapters/outbound/outbound.ts";
import { reachOf } from "../adapters/outbound/reach.ts";
import { postHook } from "../adapters/outbound/webhook.ts";
import { hookBody } from "../adapters/outbound/words.ts";
import type { AuditLog } from "../audit/log.ts";
import { AlertKeeper } from "../control/alert-keeper.ts";
import { RunbookKeeper } from "../control/runbook-keeper.ts";
import type { Breach, Notification } from "../decide/alerts/alert.ts";
import { burnBreaches, policyBreaches, runbookBreaches } from "../decide/alerts/breaches.ts";
import { breakerBreaches } from "../decide/alerts/breaker-breaches.ts";
import type { Delivery } from "../decide/alerts/delivery.ts";
import { glassBreaches } from "../decide/alerts/glass-breaches.ts";
import type { Silence } from "../decide/alerts/suppression.ts";
import { holding } from "../decide/engine/overrides.ts";
import type { EngineState } from "../decide/engine/state.ts";
import type { DecisionRecord } from "../decide/record.ts";
import type { Metrics } from "../metrics.ts";
import { regexMatcher } from "../policy/cel/regex-matcher.ts";
import type { Adapter } from "../policy/intent/adapter.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import type { Memory } from "./automation.ts";
import { Failure } from "./exit-code.ts";
import type { Part } from "./plane/parts.ts";
import { Runbooks } from "./runbooks.ts";
import { secretOf } from "./secret-of.ts";

/** Tells people, once a second: what the engine found, through the book of alerts, to Alertmanagers and webhooks. */
export interface AlertingOptions {
  readonly keeper: AlertKeeper;
  readonly engine: () => EngineState;
  /** Breaches that the engine does not know. */
  readonly more: (policySet: PolicySet, tick: number) => readonly Breach[];
  readonly send: Send;
  /** Address of the page that says why. */
  readonly linkOf: (decision: string) => string;
  readonly audit: Pick<AuditLog, "append">;
  readonly count: (adapter: string, result: "sent" | "retried" | "failed") => void;
  readonly log: Logger;
}

const SILENCES_SECONDS = 30;

type Hook = Adapter & { readonly kind: "webhook" };

export class Alerting implements Part {
  #policySet: PolicySet | undefined;
  #records: DecisionRecord[] = [];
  #managers: readonly ManagerSync[] = [];
  #silences: readonly Silence[] = [];
  #isTurning = false;
  readonly #inFlight = new Set<string>();

  constructor(private readonly options: AlertingOptions) {}

  setIntent(policySet: PolicySet): void {
    this.#policySet = policySet;
    this.#managers = policySet.adapters.flatMap((each) =>
      each.kind !== "alertmanager"
        ? []
        : [
            new ManagerSync(this.options.send, {
              ...each,
              ...(each.secretFile !== undefined && { token: secretOf(each.secretFile) }),
            }),
          ],
    );
  }

  onRecords(records: readonly DecisionRecord[]): void {
    this.#records.push(...records);
  }

  /** Resolves once everything that was due was tried. */
  async tick(tick: number): Promise<void> {
    const { keeper, log } = this.options;
    const policySet = this.#policySet;
    if (policySet === undefined || this.#isTurning) return;
    this.#isTurning = true;
    try {
      const records = this.#records.splice(0);
      const at = { tick, policySet, records, silences: this.#silences, matches };
      const told = await keeper.turn(
        { ...at, breaches: this.#breaches(policySet, tick) },
        policySet.adapters,
      );
      for (const each of told) this.#write(each, policySet.digest);
    } catch (error) {
      log.error({ err: error }, "alerts failed on a tick");
    } finally {
      this.#isTurning = false;
    }
    const hooks = policySet.adapters.filter((each): each is Hook => each.kind === "webhook");
    await Promise.all([
      ...keeper.due(tick).map((each) => this.#deliver(each, hooks, tick)),
      ...this.#managers.map((each) => this.#sync(each, tick)),
    ]);
  }

  #breaches(policySet: PolicySet, tick: number): readonly Breach[] {
    const { keeper, engine, more } = this.options;
    const { policies, slos } = policySet;
    const state = engine();
    const ownerOf = (name: string) => slos.find((each) => each.name === name)?.owner;
    return [
      ...burnBreaches(Object.values(state.alerts), ownerOf),
      ...policyBreaches(policies, state.policies, keeper.book),
      ...breakerBreaches(policies, state),
      ...glassBreaches(holding(state.overrides, tick), policySet),
      ...more(policySet, tick),
    ];
  }

  async #deliver(delivery: Delivery, hooks: readonly Hook[], tick: number): Promise<void> {
    const { keeper, send, count, log, linkOf } = this.options;
    const { key, adapter, payload } = delivery;
    if (this.#inFlight.has(key)) return;
    const hook = hooks.find(({ name }) => name === adapter);
    if (hook === undefined || payload === undefined) {
      await keeper.settle(key, { ok: false, why: "its Adapter is gone", isFinal: true }, tick);
      return;
    }
    this.#inFlight.add(key);
    try {
      const body = hookBody(payload, key, linkOf);
      const about = { url: hook.url, secret: secretOf(hook.secretFile) };
      const answered = await postHook(send, about, { key, body, nowSeconds: tick });
      const sent = answered.ok
        ? answered
        : { ok: false as const, why: answered.why, isFinal: !answered.mayPass };
      await keeper.settle(key, sent, tick);
      const hasEnded = !keeper.deliveries.some(
        (each) => each.key === key && each.state === "waiting",
      );
      count(adapter, answered.ok ? "sent" : hasEnded ? "failed" : "retried");
      if (!answered.ok) log.warn({ adapter, key, why: answered.why, hasEnded }, "alert not sent");
    } finally {
      this.#inFlight.delete(key);
    }
  }

  async #sync(manager: ManagerSync, tick: number): Promise<void> {
    const { keeper, linkOf, count, log } = this.options;
    const { name } = manager.manager;
    const alerts = managerAlerts(keeper.book, manager.manager, { tick, linkOf });
    const answered = await manager.tell(alerts, tick);
    if (answered !== undefined) count(name, answered.ok ? "sent" : "retried");
    if (answered?.ok === false) log.warn({ adapter: name, why: answered.why }, "alert not sent");
    if (tick % SILENCES_SECONDS !== 0) return;
    const silences = await manager.silences();
    if (silences === undefined)
      log.warn({ adapter: name }, "silences cannot be read: the last hold");
    else this.#silences = silences;
  }

  #write(notification: Notification, policySetDigest: string): void {
    const { key, kind, group, severity, tick, title, alerts, targets } = notification;
    const record = {
      id: `n-${key}`,
      at: new Date().toISOString(),
      tick,
      kind: "alert" as const,
      subject: { kind: "Alert", name: group },
      actor: "engine",
      policySetDigest,
      body: {
        verdict: `${kind} (${severity})`,
        because: [title],
        to: [...targets],
        causes: alerts.flatMap(({ decision }) => decision ?? []),
      },
    };
    this.options.audit.append(record).catch((error: Error) => {
      this.options.log.warn({ why: error.message }, "an alert could not be written down");
    });
  }
}

function matches(expression: string, text: string): boolean {
  const matcher = regexMatcher(expression);
  return typeof matcher !== "string" && matcher(text);
}

/** The part, over what the process before knew. Rejects with a Failure if `outbound` is wrong. */
export async function openAlerts(given: {
  readonly memory: Pick<Memory, "store" | "audit" | "keeper">;
  readonly outbound: readonly string[];
  /** Its base is known once the API listens. */
  readonly pages: { readonly base: string | undefined };
  readonly log: Logger;
  readonly metrics: () => Pick<Metrics, "alerts">;
}): Promise<{
  readonly keeper: AlertKeeper;
  readonly runbooks: RunbookKeeper;
  readonly parts: readonly Part[];
}> {
  const { memory, outbound, pages, log, metrics } = given;
  const onProblem = (why: string) => log.warn({ why }, "state could not be used");
  const keeper = new AlertKeeper({ store: memory.store, onProblem });
  await keeper.load();
  const runbooks = new RunbookKeeper({ store: memory.store, onProblem });
  await runbooks.load();
  const send = sender(reachOrFail(outbound));
  const running = new Runbooks({ keeper: runbooks, send, audit: memory.audit, log });
  const telling = new Alerting({
    keeper,
    engine: () => memory.keeper.state,
    more: (policySet, tick) => runbookBreaches(runbooks.runs, policySet.runbooks, tick),
    send,
    linkOf: (decision) => `${pages.base ?? ""}/ui/?${new URLSearchParams({ decision })}`,
    audit: memory.audit,
    count: (adapter, result) => metrics().alerts.countNotification(adapter, result),
    log,
  });
  return { keeper, runbooks, parts: [running, telling] };
}

function reachOrFail(outbound: readonly string[]) {
  try {
    return reachOf(outbound);
  } catch (error) {
    throw new Failure(`--outbound: ${(error as Error).message}.`);
  }
}
