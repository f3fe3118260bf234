import type { Logger } from "pino";
import type { Send } from "../adapters/outbound/outbound.ts";
import { postHook } from "../adapters/outbound/webhook.ts";
import type { AuditLog } from "../audit/log.ts";
import type { RunbookKeeper } from "../control/runbook-keeper.ts";
import type { DecisionRecord } from "../decide/record.ts";
import type { Call, Run } from "../decide/runbook/run.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import type { Part } from "./plane/parts.ts";
import { secretOf } from "./secret-of.ts";

/** Carries out the steps of Runbooks, once a second, and writes down how each run goes. */
export interface RunbooksOptions {
  readonly keeper: RunbookKeeper;
  readonly send: Send;
  readonly audit: Pick<AuditLog, "append">;
  readonly log: Logger;
}

export class Runbooks implements Part {
  #policySet: PolicySet | undefined;
  #records: DecisionRecord[] = [];
  readonly #inFlight = new Set<string>();

  constructor(private readonly options: RunbooksOptions) {}

  setIntent(policySet: PolicySet): void {
    this.#policySet = policySet;
    this.options.keeper.setIntent(policySet);
  }

  onRecords(records: readonly DecisionRecord[]): void {
    this.#records.push(...records.filter(({ body }) => body.runs !== undefined));
  }

  /** Resolves once every step that was due was tried. */
  async tick(tick: number): Promise<void> {
    const { keeper } = this.options;
    if (this.#policySet === undefined) return;
    this.#write(await keeper.turn(this.#records.splice(0), tick), tick);
    await Promise.all(keeper.calls(tick).map((call) => this.#call(call, tick)));
  }

  async #call({ run: id, key, adapter, path }: Call, tick: number): Promise<void> {
    const { keeper, send, log } = this.options;
    if (this.#inFlight.has(key)) return;
    this.#inFlight.add(key);
    try {
      const hook = this.#policySet?.adapters.find(({ name }) => name === adapter);
      const run = keeper.runs.find((each) => each.id === id);
      if (hook?.kind !== "webhook" || run === undefined) {
        const gone = { ok: false as const, why: `Adapter ${adapter} is gone`, isFinal: true };
        return this.#write(await keeper.settle(id, gone, tick), tick);
      }
      const { runbook, decision, policy, service, step } = run;
      const body = { id: key, runbook, step: step + 1, decision, policy, service };
      const about = {
        url: `${hook.url.replace(/\/$/, "")}${path}`,
        secret: secretOf(hook.secretFile),
      };
      const answered = await postHook(send, about, { key, body, nowSeconds: tick });
      if (!answered.ok) log.warn({ runbook, step: step + 1, why: answered.why }, "step not taken");
      const sent = answered.ok ? answered : { ...answered, isFinal: !answered.mayPass };
      this.#write(await keeper.settle(id, sent, tick), tick);
    } finally {
      this.#inFlight.delete(key);
    }
  }

  #write(runs: readonly Run[], tick: number): void {
    for (const run of runs) {
      const { id, runbook, decision, state, step, tries, approvedBy, why } = run;
      const verdict = state === "running" ? `step ${step + 1}` : state;
      const record = {
        id: `${id}-${step}-${state}-${tries}-${approvedBy.length}`,
        at: new Date().toISOString(),
        tick,
        kind: "outcome" as const,
        subject: { kind: "Runbook", name: runbook },
        actor: "engine",
        policySetDigest: this.#policySet?.digest ?? "",
        body: { verdict, because: [why ?? `${runbook}: ${verdict}.`], causes: [decision] },
      };
      this.options.audit.append(record).catch((error: Error) => {
        this.options.log.warn({ why: error.message }, "a step could not be written down");
      });
    }
  }
}
